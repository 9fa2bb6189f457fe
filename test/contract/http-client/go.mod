module lastgood/http-client

go 1.25

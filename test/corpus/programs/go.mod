module lastgood/test/corpus

go 1.25.0

require (
	github.com/BurntSushi/toml v1.6.0
	github.com/joho/godotenv v1.5.1
	github.com/pelletier/go-toml/v2 v2.4.3
	go.yaml.in/yaml/v3 v3.0.5
	sigs.k8s.io/yaml v1.6.0
)

require go.yaml.in/yaml/v2 v2.4.2

require (
	github.com/stretchr/testify v1.12.1 // indirect
	gopkg.in/ini.v1 v1.67.0
)

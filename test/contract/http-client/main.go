// Prints what Go's HTTP client makes of each URL, in the order of the arguments, as a JSON list: the
// status, or 0 for an error. "2x" before a URL asks twice, and prints what the second request got.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// As the reloaders do: the status decides, whatever becomes of the body.
func ask(client *http.Client, url string) int {
	response, err := client.Post(url, "application/json", strings.NewReader(`{"event":"reload"}`))
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	// Only a body that was read leaves the connection to the next request.
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16))
	return response.StatusCode
}

func main() {
	statuses := make([]int, len(os.Args)-1)
	var wait sync.WaitGroup
	for i, argument := range os.Args[1:] {
		wait.Go(func() {
			// Redirects are not followed.
			client := &http.Client{
				Timeout:       30 * time.Second,
				Transport:     &http.Transport{},
				CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			}
			url, twice := strings.CutPrefix(argument, "2x")
			statuses[i] = ask(client, url)
			if twice {
				// A busy machine takes longer than usual to close the connection. The servers that never end
				// their answer take all of the timeout anyway.
				time.Sleep(15 * time.Second)
				statuses[i] = ask(client, url)
			}
		})
	}
	wait.Wait()
	text, err := json.Marshal(statuses)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
}

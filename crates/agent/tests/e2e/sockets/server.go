// A server as services in Go are: net/http, answers with a length and in chunks.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/api/", func(answer http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		answer.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(answer, "{\"bytes\": %d}", len(body))
		if request.URL.Query().Get("stream") != "" {
			for i := 0; i < 3; i++ {
				answer.(http.Flusher).Flush()
				fmt.Fprintf(answer, "\n{\"part\": %d}", i)
			}
		}
	})
	log.Fatal(http.ListenAndServe(os.Args[1], nil))
}

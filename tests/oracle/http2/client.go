// A client of Go's net/http2 in the clear: client URL ROUNDS. It asks for each of some paths in each round, on one connection.
package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/net/http2"
)

func main() {
	dial := func(network, address string, _ *tls.Config) (net.Conn, error) { return net.Dial(network, address) }
	client := http.Client{Transport: &http2.Transport{AllowHTTP: true, DialTLS: dial}}
	rounds, err := strconv.Atoi(os.Args[2])
	for round := 0; round < rounds && err == nil; round++ {
		for _, path := range []string{"/small.txt", "/page.html", fmt.Sprintf("/small.txt?n=%d", round%7), fmt.Sprintf("/none/%d", round)} {
			request, _ := http.NewRequest("POST", os.Args[1]+path, strings.NewReader("{}"))
			request.Header.Set("X-Tenant", fmt.Sprintf("tenant-%d", round%3))
			var response *http.Response
			if response, err = client.Do(request); err == nil {
				_, err = io.Copy(io.Discard, response.Body)
				response.Body.Close()
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

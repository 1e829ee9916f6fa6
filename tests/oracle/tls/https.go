// A server and clients of Go's net/http over TLS: https PORT CERT KEY LOG ROUNDS. It writes the number of requests.
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
)

func main() {
	address, rounds := "127.0.0.1:"+os.Args[1], 0
	log, err := os.OpenFile(os.Args[4], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	must(err)
	rounds, err = strconv.Atoi(os.Args[5])
	must(err)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("X-Path", r.URL.Path)
		io.WriteString(w, strings.Repeat("body ", len(r.URL.Path)*100))
	})
	listener, err := net.Listen("tcp", address)
	must(err)
	go http.ServeTLS(listener, handler, os.Args[2], os.Args[3])
	asked := 0
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, http2 := range []bool{false, true} {
			config := &tls.Config{InsecureSkipVerify: true, KeyLogWriter: log, MinVersion: version, MaxVersion: version}
			client := http.Client{Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: http2}}
			for round := 0; round < rounds; round++ {
				path := fmt.Sprintf("https://%s/%x/%t/%d", address, version, http2, round)
				request, err := http.NewRequest("PUT", path, strings.NewReader(strings.Repeat("request ", round*300)))
				must(err)
				for _, request := range []*http.Request{request, request.Clone(request.Context())} {
					request.Body, _ = request.GetBody()
					response, err := client.Do(request)
					must(err)
					_, err = io.Copy(io.Discard, response.Body)
					must(err)
					response.Body.Close()
					asked++
				}
			}
			client.CloseIdleConnections()
		}
	}
	fmt.Println(asked)
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

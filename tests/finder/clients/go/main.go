// Handshakes of TLS 1.2 and 1.3 with a server: go PORT
package main

import (
	"crypto/tls"
	"fmt"
	"os"
)

func main() {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		config := &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version}
		connection, err := tls.Dial("tcp", "127.0.0.1:"+os.Args[1], config)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		connection.Close()
	}
}

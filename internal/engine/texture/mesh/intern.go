package mesh

import (
	"math"
	"math/bits"
)

// vertex is a vertex by value.
type vertex struct {
	position, normal [3]float32
	uv               [2]float32
}

// interner numbers equal vertices alike, in order of appearance. It is a hash table with
// open addressing: a map would take several times the memory.
type interner struct {
	all   []vertex
	slots []uint32 // number+1 of the vertex, 0 for empty
}

func newInterner(most int) *interner {
	return &interner{slots: make([]uint32, 1<<bits.Len(uint(most*3/2+1)))}
}

// number finds or adds a vertex. At most as many may be added as newInterner was told.
func (n *interner) number(v vertex) uint32 {
	mask := uint64(len(n.slots) - 1)
	for i := v.hash() & mask; ; i = (i + 1) & mask {
		switch slot := n.slots[i]; {
		case slot == 0:
			n.all = append(n.all, v)
			n.slots[i] = uint32(len(n.all))
			return uint32(len(n.all) - 1)
		case n.all[slot-1] == v:
			return slot - 1
		}
	}
}

func (v *vertex) hash() uint64 {
	h := uint64(0x9e3779b97f4a7c15)
	for _, x := range [...]float32{v.position[0], v.position[1], v.position[2], v.normal[0], v.normal[1], v.normal[2], v.uv[0], v.uv[1]} {
		// Adding zero makes -0 and 0, which are equal, the same bits.
		h = (h ^ uint64(math.Float32bits(x+0))) * 0xff51afd7ed558ccd
		h ^= h >> 32
	}
	return h
}

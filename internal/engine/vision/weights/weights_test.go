package weights

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
)

// The networks are data that nobody can read in a review, so their sums are written down.
func TestNetworksAreTheConvertedOnes(t *testing.T) {
	t.Parallel()
	for want, network := range map[string][]byte{
		"3310b7ac46b2440d372edcdd02a59899c16e83436b912e3da05e2f580e7f57df": General,
		"30bd6b0b4e57cc6de9fca44a0602903e3baa15fe9233bf3afa3ccde9e7d7b529": Animation,
	} {
		if sum := sha256.Sum256(network); hex.EncodeToString(sum[:]) != want {
			t.Errorf("a network of %d bytes has the sum %x, want %s", len(network), sum, want)
		}
	}
	if !strings.Contains(Notice, "BSD 3-Clause License") {
		t.Error("the notice names no licence")
	}
}

package identity

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Cost is what hashing a password takes.
type Cost struct {
	// MemoryKiB and Passes are argon2id's memory and time parameters.
	MemoryKiB, Passes uint32
}

// DefaultCost takes about 40 ms of one core and 19 MiB, as the common guidance for
// argon2id asks for at least.
var DefaultCost = Cost{MemoryKiB: 19 * 1024, Passes: 2}

// hashPassword gives the PHC string of argon2id: parameters, salt and hash in one.
func hashPassword(password string, salt []byte, c Cost) string {
	if c == (Cost{}) {
		c = DefaultCost
	}
	sum := argon2.IDKey([]byte(password), salt, c.Passes, c.MemoryKiB, 1, 32)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, c.MemoryKiB, c.Passes, enc.EncodeToString(salt), enc.EncodeToString(sum))
}

// passwordMatches checks a password against a PHC string, in constant time.
func passwordMatches(password, phc string) bool {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	var c Cost
	var threads uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.MemoryKiB, &c.Passes, &threads); err != nil || threads == 0 {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(want) == 0 {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, c.Passes, c.MemoryKiB, threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

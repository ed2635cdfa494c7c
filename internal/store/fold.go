package store

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgtype"
)

// The shapes of statements that can be run for many rows at once.
var (
	// manyInserts matches an INSERT of one row whose every value is a placeholder.
	manyInserts = regexp.MustCompile(`(?is)^(\s*INSERT\s+INTO\s+\w+\s*\([^)]*\)\s*)VALUES\s*\(([^()]*)\)\s*$`)
	// manyUpdates matches an UPDATE that sets columns to placeholders or columns, where other columns equal placeholders.
	manyUpdates = regexp.MustCompile(`(?is)^\s*UPDATE\s+(\w+)\s+SET\s+((?:\w+\s*=\s*(?:\$\d+|\w+)[\s,]*)+)\sWHERE\s+(\w+\s*=\s*\$\d+(?:\s+AND\s+\w+\s*=\s*\$\d+)*)\s*$`)

	placeholder = regexp.MustCompile(`\$(\d+)`)
	compared    = regexp.MustCompile(`(\w+)(\s*=\s*\$)`)
)

// fold turns an INSERT or an UPDATE to be run for many rows into one statement over arrays,
// which PostgreSQL takes several times faster than the statements one by one. It gives
// false where the statement is another, or a column has values of different types. An UPDATE
// must not be given two rows for the same row of its table. The arrays are written behind what is in room, which
// may be used again once they are sent.
func fold(st *Statement, room *[]byte) (string, []any, bool) {
	if st.rows() < 2 {
		return "", nil, false
	}
	columns, ok := st.columns()
	if !ok {
		return "", nil, false
	}
	types, arrays := make([]string, len(columns)), make([]any, len(columns))
	for i, c := range columns {
		types[i], arrays[i] = pack(c, room)
	}
	key := st.SQL + "/" + strings.Join(types, " ")
	text, ok := folded.Load(key)
	if !ok {
		text, _ = folded.LoadOrStore(key, foldText(st.SQL, types))
	}
	return text.(string), arrays, text != ""
}

// folded remembers what statements were turned into: a program has few.
var folded sync.Map

// foldText is the statement over arrays of such types, or "".
func foldText(sql string, types []string) string {
	arrays, names := make([]string, len(types)), make([]string, len(types))
	for i, t := range types {
		arrays[i] = "$" + strconv.Itoa(i+1) + "::" + t + "[]"
		names[i] = "p" + strconv.Itoa(i+1)
	}
	from := " FROM unnest(" + strings.Join(arrays, ", ") + ") AS u(" + strings.Join(names, ", ") + ")"
	if insert := manyInserts.FindStringSubmatch(sql); insert != nil {
		return insert[1] + "SELECT " + unnested(insert[2]) + from
	}
	update := manyUpdates.FindStringSubmatch(sql)
	if update == nil {
		return ""
	}
	table, set, where := update[1], update[2], compared.ReplaceAllString(update[3], update[1]+".$1$2")
	return "UPDATE " + table + " SET " + unnested(set) + from + " WHERE " + unnested(where)
}

// unnested has the columns of the arrays in the place of placeholders.
func unnested(sql string) string { return placeholder.ReplaceAllString(sql, "u.p$1") }

// packed is an array as PostgreSQL's protocol has it. pgx would come to the same bytes with a call or two for each value.
type packed struct{ bytes []byte }

// pack gives the type of a column, and its values as an array.
func pack(column any, room *[]byte) (string, any) {
	switch list := column.(type) {
	case []int64:
		b := packHead(room, pgtype.Int8OID, len(list), 8*len(list))
		for _, v := range list {
			b = binary.BigEndian.AppendUint32(b, 8)
			b = binary.BigEndian.AppendUint64(b, uint64(v))
		}
		return "BIGINT", packed{b}
	case []string:
		return "TEXT", packTexts(room, pgtype.TextOID, list)
	case [][]byte:
		return "BYTEA", packTexts(room, pgtype.ByteaOID, list)
	}
	panic(fmt.Sprintf("store: a column of %T", column))
}

func packTexts[T string | []byte](room *[]byte, oid uint32, list []T) packed {
	size := 0
	for _, v := range list {
		size += len(v)
	}
	b := packHead(room, oid, len(list), size)
	for _, v := range list {
		b = binary.BigEndian.AppendUint32(b, uint32(len(v)))
		b = append(b, v...)
	}
	return packed{b}
}

// packHead begins an array of n values, none of them NULL, that have so many bytes, in a part of the room for it alone.
func packHead(room *[]byte, oid uint32, n, size int) []byte {
	need := 20 + 4*n + size
	*room = slices.Grow(*room, need)
	start := len(*room)
	*room = (*room)[:start+need]
	b := (*room)[start : start : start+need]
	for _, v := range []uint32{1, 0, oid, uint32(n), 1} { // dimensions, NULLs, type, length, first index
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return b
}

// packCodec is pgx's codec of an array type, which takes packed as well.
type packCodec struct{ pgtype.Codec }

func (c packCodec) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, ok := value.(packed); ok && format == pgtype.BinaryFormatCode {
		return packPlan{}
	}
	return c.Codec.PlanEncode(m, oid, format, value)
}

type packPlan struct{}

func (packPlan) Encode(value any, buf []byte) ([]byte, error) {
	return append(buf, value.(packed).bytes...), nil
}

// rooms keeps what arrays are written to: some tens of kilobytes with each commit.
var rooms = sync.Pool{New: func() any { return new([]byte) }}

// takePacked has a connection take packed arrays.
func takePacked(m *pgtype.Map) {
	for _, oid := range []uint32{pgtype.Int8ArrayOID, pgtype.TextArrayOID, pgtype.ByteaArrayOID} {
		if t, ok := m.TypeForOID(oid); ok {
			m.RegisterType(&pgtype.Type{Name: t.Name, OID: oid, Codec: packCodec{t.Codec}})
		}
	}
}

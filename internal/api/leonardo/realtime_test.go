package leonardo_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/store/storetest"
)

// The realtime canvas answers with its picture, and keeps nothing of what it was sent:
// nobody would know of it, and it would fill the account's room.
func TestRealtimeKeepsNothing(t *testing.T) {
	t.Parallel()
	h := open(t, storetest.SQLite(t), nil)
	h.run(t)
	p := h.person(t, "ada", "maestro")
	data := `"data:image/png;base64,` + base64.StdEncoding.EncodeToString(photo(t, 64)) + `"`
	for path, more := range map[string]string{"/generations-lcm": "", "/lcm-instant-refine": "", "/lcm-inpainting": `,"maskDataUrl":` + data} {
		a := p.want(t, "POST", path, `{"prompt":"hills","width":512,"height":512,"requestTimestamp":"now","imageDataUrl":`+data+more+`}`)
		made, _ := a.at("lcmGenerationJob", "imageDataUrl").([]any)
		if len(made) != 1 || !strings.HasPrefix(made[0].(string), "data:image/jpeg;base64,") || text(t, a, "lcmGenerationJob", "requestTimestamp") != "now" {
			t.Errorf("%s: %.200s", path, a.raw)
		}
	}
	if left, err := h.studio.Uploads(t.Context(), p.Account, "", "", 10); err != nil || len(left) != 0 {
		t.Errorf("it left %+v, %v", left, err)
	}
}

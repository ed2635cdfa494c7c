package client

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Event is what a webhook is told, in the shape of Standard Webhooks.
type Event struct {
	// ID is the same for all tries and replays of one event: whoever has seen it is done.
	ID string `json:"-"`
	// Type is such as "balance.below"; types that you don't know are to be ignored.
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	// Data depends on the type; docs/webhooks.md lists them.
	Data json.RawMessage `json:"data"`
}

// WebhookTolerance is how far a webhook's time may be from now, so that nobody can send
// an old one again.
const WebhookTolerance = 5 * time.Minute

// ErrWebhook is a webhook that is not from the Florin that has the secret.
var ErrWebhook = errors.New("florin: not a webhook of ours")

// VerifyWebhook checks that a request's body, read whole and unchanged, was signed with
// an endpoint's secret (whsec_…) within WebhookTolerance of now, and reads the event. The
// error is ErrWebhook with the reason, or that of a body that is not an event's.
func VerifyWebhook(header http.Header, body []byte, secret string, now time.Time) (Event, error) {
	id, at := header.Get("webhook-id"), header.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(at, 10, 64)
	if id == "" || err != nil {
		return Event{}, fmt.Errorf("%w: webhook-id and webhook-timestamp are needed", ErrWebhook)
	}
	if age := now.Sub(time.Unix(seconds, 0)).Abs(); age > WebhookTolerance {
		return Event{}, fmt.Errorf("%w: its time is %s away", ErrWebhook, age.Truncate(time.Second))
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return Event{}, fmt.Errorf("florin: the secret of a webhook is whsec_ and base64: %w", err)
	}
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte(id + "." + at + "."))
	_, _ = mac.Write(body)
	want := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	for given := range strings.FieldsSeq(header.Get("webhook-signature")) { // two while a secret is replaced
		if hmac.Equal([]byte(given), want) {
			e := Event{ID: id}
			err := json.Unmarshal(body, &e)
			return e, err
		}
	}
	return Event{}, fmt.Errorf("%w: no signature is right", ErrWebhook)
}

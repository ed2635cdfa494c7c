package client_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/florin-studio/florin/client"
)

// The example that Standard Webhooks publishes, and what is wrong in every other way.
func TestVerifyWebhook(t *testing.T) {
	t.Parallel()
	const secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", `{"test": 2432232314}`
	at := time.Unix(1614265330, 0)
	header := func(change map[string]string) http.Header {
		h := http.Header{}
		for name, value := range map[string]string{
			"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330", "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
		} {
			h.Set(name, value)
		}
		for name, value := range change {
			h.Set(name, value)
		}
		return h
	}
	for _, change := range []map[string]string{nil, {"webhook-signature": "v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1a,BBBB"}} {
		if e, err := client.VerifyWebhook(header(change), []byte(body), secret, at.Add(4*time.Minute)); err != nil || e.ID != "msg_p5jXN8AQM9LWM0D4loKWxJek" {
			t.Errorf("%v: %+v %v", change, e, err)
		}
	}
	for what, refused := range map[string]error{
		"another body":   second(client.VerifyWebhook(header(nil), []byte(body+" "), secret, at)),
		"another secret": second(client.VerifyWebhook(header(nil), []byte(body), "whsec_AAAA", at)),
		"another id":     second(client.VerifyWebhook(header(map[string]string{"webhook-id": "x"}), []byte(body), secret, at)),
		"no id":          second(client.VerifyWebhook(header(map[string]string{"webhook-id": ""}), []byte(body), secret, at)),
		"no time":        second(client.VerifyWebhook(header(map[string]string{"webhook-timestamp": "x"}), []byte(body), secret, at)),
		"another time":   second(client.VerifyWebhook(header(map[string]string{"webhook-timestamp": "1614265331"}), []byte(body), secret, at)),
		"no signature":   second(client.VerifyWebhook(header(map[string]string{"webhook-signature": "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}), []byte(body), secret, at)),
		"too old":        second(client.VerifyWebhook(header(nil), []byte(body), secret, at.Add(6*time.Minute))),
		"too new":        second(client.VerifyWebhook(header(nil), []byte(body), secret, at.Add(-6*time.Minute))),
	} {
		if !errors.Is(refused, client.ErrWebhook) {
			t.Errorf("%s: %v", what, refused)
		}
	}
	if _, err := client.VerifyWebhook(header(nil), []byte(body), "whsec_!", at); err == nil || errors.Is(err, client.ErrWebhook) {
		t.Errorf("a malformed secret: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

// A receiver: it reads the body whole, checks it, answers quickly, and does each event once.
func ExampleVerifyWebhook() {
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	now := func() time.Time { return time.Unix(1614265330, 0) } // time.Now
	done := map[string]bool{}
	receiver := func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			return
		}
		event, err := client.VerifyWebhook(r.Header, body, secret, now())
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		if !done[event.ID] {
			done[event.ID] = true
			fmt.Println("new:", event.ID)
		}
		w.WriteHeader(http.StatusNoContent)
	}
	for range 2 { // it may come twice
		r := httptest.NewRequest(http.MethodPost, "/florin", strings.NewReader(`{"test": 2432232314}`))
		r.Header.Set("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
		r.Header.Set("webhook-timestamp", "1614265330")
		r.Header.Set("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
		w := httptest.NewRecorder()
		receiver(w, r)
		fmt.Println(w.Code)
	}
	// Output:
	// new: msg_p5jXN8AQM9LWM0D4loKWxJek
	// 204
	// 204
}

package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/florin-studio/florin/internal/store/storetest"
)

// How the server is loaded: by wrk, which is not ours, with 64 connections.
const (
	loadSeconds = 3
	loadConns   = 64
	batchSize   = 500
)

var runs atomic.Int64

// load has wrk ask a server for a while; a benchmark of it is one run, whatever b.N says.
func load(b *testing.B, url, key string, size int, accounts []string) {
	b.Helper()
	wrk, err := exec.LookPath("wrk")
	if err != nil {
		b.Skip("wrk is not installed; install it with: apt-get install wrk")
	}
	debug.SetGCPercent(400) // as florin serve does
	conns := loadConns
	if size > 0 {
		conns = 8
	}
	args := []string{"-t", "2", "-c", fmt.Sprint(conns), "-d", fmt.Sprintf("%ds", loadSeconds), "--timeout", "20s", "-s", "testdata/charge.lua", url, "--",
		key, fmt.Sprint(size), fmt.Sprint("r", runs.Add(1))}
	out, err := exec.CommandContext(b.Context(), wrk, append(args, accounts...)...).CombinedOutput()
	var requests, micros, p50, p99, failed int64
	at := strings.Index(string(out), "RESULT")
	if err != nil || at < 0 {
		b.Fatalf("wrk: %v: %s", err, out)
	}
	if _, err := fmt.Sscanf(string(out)[at:], "RESULT %d %d %d %d %d", &requests, &micros, &p50, &p99, &failed); err != nil || failed > 0 || requests == 0 {
		b.Fatalf("wrk: %v, %d failed: %s", err, failed, out)
	}
	seconds := float64(micros) / 1e6
	b.ReportMetric(seconds/float64(requests)*1e9, "ns/op")
	b.ReportMetric(float64(p50), "p50-µs")
	b.ReportMetric(float64(p99), "p99-µs")
	b.ReportMetric(float64(requests*int64(max(size, 1)))/seconds, "charges/s")
}

// BenchmarkHTTPEcho is the limit of the standard library here: net/http and
// encoding/json, without a database.
func BenchmarkHTTPEcho(b *testing.B) {
	type body struct {
		Tokens int64 `json:"tokens"`
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in body
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(in)
	}))
	defer server.Close()
	load(b, server.URL, "none", -1, []string{"x"})
}

// BenchmarkHTTPCharge is durable charges over HTTP, each in a request of its own.
func BenchmarkHTTPCharge(b *testing.B) { eachStore(b, 0) }

// BenchmarkHTTPBatch is durable charges over HTTP, 500 in a request.
func BenchmarkHTTPBatch(b *testing.B) { eachStore(b, batchSize) }

func eachStore(b *testing.B, size int) {
	for _, e := range []struct {
		name string
		url  func(testing.TB) string
	}{{"sqlite", storetest.SQLite}, {"postgres", storetest.Postgres}} {
		b.Run(e.name, func(b *testing.B) {
			s := openShop(b, e.url(b))
			var accounts []string
			for i := range 64 {
				path := s.account(b, fmt.Sprintf("account-%d", i))
				s.want(b, 201, "POST", path+"/grants", `{"tokens":1000000000000}`)
				accounts = append(accounts, path[strings.LastIndexByte(path, '/')+1:])
			}
			load(b, s.URL, s.service, size, accounts)
		})
	}
}

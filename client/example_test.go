package client_test

import (
	"context"
	"fmt"

	"github.com/florin-studio/florin/client"
)

// An order is charged once, however often it is sent, and a render pays what it used.
func Example() {
	ctx := context.Background()
	florin := client.New(server.URL, server.key)
	user, err := florin.OpenAccount(ctx, client.NewAccount{ExternalID: "user-42"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		order, err := florin.Charge(ctx, user.ID, client.Spend{Tokens: 20, Feature: "export"}, client.Key("order-1001"))
		fmt.Println(order.Charge.Tokens, "taken,", order.Balance, "left", err)
	}
	hold, _ := florin.Hold(ctx, client.External("user-42"), client.Spend{Tokens: 100, ExpiresIn: 600})
	done, _ := florin.Settle(ctx, user.ID, hold.Hold.ID, 60)
	fmt.Println(done.Hold.Settled, "used,", done.Hold.Returned, "back,", done.Balance, "left")

	_, err = florin.Charge(ctx, user.ID, client.Spend{Tokens: 1000})
	fmt.Println(client.Is(err, client.InsufficientTokens))
	// Output:
	// 20 taken, 130 left <nil>
	// 20 taken, 130 left <nil>
	// 60 used, 40 back, 70 left
	// true
}

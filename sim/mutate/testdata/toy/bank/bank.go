// Package bank is a program for mutants: small, and with something to break.
package bank

import (
	"errors"
	"fmt"
)

// An Account never goes below zero.
type Account struct {
	balance int
	log     []string
}

// ErrTooMuch says that there is not enough to withdraw.
var ErrTooMuch = errors.New("too much")

// Withdraw takes n, if it is there.
func (a *Account) Withdraw(n int) error {
	if n > a.balance { // a comment that no mutant needs to know
		return fmt.Errorf("withdraw %d: %w", n, ErrTooMuch)
	}
	a.balance -= n
	a.log = append(a.log, "withdraw")
	return nil
}

// Deposit adds n.
func (a *Account) Deposit(n int) {
	a.balance += n
	a.log = append(
		a.log,
		"deposit",
	)
}

// Drain empties the account.
func (a *Account) Drain() {
	for a.balance > 0 {
		a.balance--
	}
}

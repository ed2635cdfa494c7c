// Package planner plans projects: lists of wishes ("40 product shots in Alchemy V2, 10
// cut-outs, by 15 March") over what an account has and what will come to it (P9). It
// tells what they cost as asked for and in the best jobs, what is done when, when all is
// finished, what expires unused, what falls into the relaxed lane, whether a date can be
// kept, and the same for every plan and pack of the catalog, with a recommendation.
//
// # What is planned
//
// A job makes several pictures of one wish, at the catalog's price for so many at that
// instant; an operation makes one. Every job's price must be there when it begins (T14).
// Jobs take no time, unless the project gives seconds per picture: then pictures are made
// one after another, and each must begin before the next moment (below) comes. A wish that
// comes after another begins when all pictures of that one are made. Premium features
// wait for a plan that has them (P8).
//
// There is no second model of balances. What comes and goes is what token.Rules.Forecast
// and Roll make of a copy of the account, spending is token.Rules.Apply of a Charge on it,
// switching is its ChangePlan and buying its MakeGrant. A schedule is carried out that way
// from beginning to end before it is given; where the engine did anything else than
// planned, that is an error and not an answer.
//
// # What is promised
//
// Fastest finishes first; among all plans that finish then it is one of the fewest
// tokens. Cheapest is one of the fewest tokens of all that keep the date, or, without a
// date, of all that finish within 31 days of Fastest; it is left out where Fastest takes
// no more. Waiting for lower prices therefore never costs the date. An account with the
// relaxed lane finishes first by submitting everything at once: tokens pay for the wishes
// of the lowest price first, and the lane makes the rest (it can't be asked for, T20);
// FastLane is then the plan that waits for tokens instead. Relaxed pictures count as made
// when they are submitted, since nobody can tell how slow the lane is.
//
// Whether a schedule is proven to be the best is said in it (Earliest, Least). Finding the
// best one is a packing problem, for which no fast method is known that always ends:
// days are bins of 150 tokens, jobs of several sizes fill them. In practice a proof is
// nearly always found; where it is not, the schedule is still one that the engine accepts.
//
// # Why it is so
//
// Moments. Between two of the account's boundaries and changes of price nothing changes by
// itself, so what is done between them may as well be done at the first: the only
// question is how many pictures of each wish are made at each moment. The cheapest split
// into jobs of every number of pictures is found by dynamic programming, exactly, since
// jobs don't influence each other's price.
//
// Spending everything as it comes spends the most that can be spent by every moment. A
// token that is kept is worth at most itself later, and makes the daily floor raise the
// balance by less (T11), never by more. Hence two bounds. By the finish the least that all
// pictures cost must have come. And where no token lives on to the next moment, each
// moment makes at most what its own tokens pay: summed up for each wish alone, and for all
// together with each picture weighed by the least it can cost, by an exact knapsack; moments
// that share tokens are taken as one. No plan ends before both bounds are met, and none
// takes fewer tokens than the best split at the lowest prices.
//
// Search. From moment to moment the states that may lead to the goal are kept, first the
// most promising one, then a few, and where the bounds are not met, all of them: a state
// is dropped only if another one has the same pictures left and the same grants and has
// spent no more, or if the bounds show that it can't lead to anything better. When that
// ends, the result is the best there is. The work is bounded by a count, never by a clock, so
// that the same question has the same answer everywhere.
//
// Nothing that the project could use expires in vain: where tokens expire while pictures
// are left, no picture of later could have been made from them without taking more tokens
// in all. Pictures are moved forward until that is so. Within a moment the engine's spending
// order takes what expires soonest (T8), so that the move leaves all other grants alone.
//
// Money is counted by the month and in full: the month of a plan switched to now, renewals
// that happen before the finish, packs at their price less a discount that the account
// holds. Yearly prices and a plan's remaining value are left to billing.
//
// # What it is not
//
// It reads no clock, does no I/O, uses no floating point, and looks no further than three
// years. It does not know how long queues are, nor the limits of jobs at a time, nor what
// else the account will be used for.
package planner

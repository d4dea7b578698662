#pragma once

#include "redis/client.hpp"

// What runs inside Redis. One shard's keys, always in this order, and always with one hash tag:
//   alive   a number that grows with every lease. Missing: the shard was emptied and is to be
//           filled again from the store
//   due     a sorted set: endpoints that nobody serves, by the time at which something is due
//   leased  a sorted set: endpoints that somebody serves, by the end of that lease
//   lanes   a hash: endpoint -> node:fence
//   asked   a hash: endpoint -> number:time, what was wanted of an endpoint while somebody had it
// The arguments begin with prefix, shard, node and the lease's length in microseconds.
//
// Times are those of the Redis server, and callers say only how long to wait: so the clocks of the
// nodes may differ without a lease that ends early or an event that waits for a slow clock. Every
// script decides by what it finds, so one that ran although its answer was lost may run again.
namespace postern::cluster {

// (endpoint, wait, queue, delivery)…: leases what nobody has, and tells the node that has it.
const redis::Script& want_script();
// (most lanes): leases that ended are due again, and what is due is leased.
const redis::Script& claim_script();
// (endpoint)…: what Redis has forgotten is put back.
const redis::Script& extend_script();
// (endpoint, fence, wait or nothing, greatest number seen)…
const redis::Script& give_back_script();
// (endpoint, fence, owner, wait)…: the store says that another node has it.
const redis::Script& hand_over_script();
// (tolerance), then (endpoint, wait or nothing)…: what the store says beside what is here.
const redis::Script& compare_script();
// ("begin" or "end", walk): a walk over all endpoints that fills an emptied shard.
const redis::Script& walk_script();

}  // namespace postern::cluster

#pragma once

#include "daemon/api.hpp"
#include "daemon/idempotency.hpp"
#include "daemon/order_runner.hpp"
#include "daemon/payment_store.hpp"
#include "daemon/payment_surroundings.hpp"
#include "payments/api.hpp"

#include <chrono>

namespace postern::daemon {

// The routes of the payment API as this daemon mounts them.
std::vector<Route> mounted(std::span<const payments::Route> routes);

// Answers a call of one of these routes: asks the endpoint what is to be done and does it, each
// write once for its Idempotency-Key.
class PaymentCalls {
 public:
    struct Parts {
        const PaymentStore& store;
        const PaymentSurroundings& surroundings;
        const Clock& clock;
        OrderRunner& orders;
        std::chrono::milliseconds gateway_wait;  // for orders, before the answer is "processing"
    };
    explicit PaymentCalls(const Parts& parts) : parts_{parts} {}

    net::Task<HttpReply> answer(const ApiCall& call);

 private:
    struct Run;

    const payments::Surroundings& around(const ApiCall& call) const;
    payments::Call call_of(const ApiCall& call) const;
    StoreResult run(
        storage::Transaction& transaction,
        const ApiCall& call,
        const payments::WritePlan& plan,
        Run& run
    ) const;
    net::Task<HttpReply> refuse(const ApiCall& call, HttpReply refusal);
    net::Task<HttpReply> read(const ApiCall& call, payments::ReadPlan plan);
    net::Task<HttpReply> write(const ApiCall& call, payments::WritePlan plan);
    net::Task<HttpReply> wait_for_gateway(const ApiCall& call, payments::ReadPlan later, Run& run);

    Parts parts_;
    KeysInUse keys_;
};

}  // namespace postern::daemon

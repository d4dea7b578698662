#pragma once

#include "daemon/neighbours.hpp"
#include "daemon/order_metrics.hpp"
#include "daemon/payment_store.hpp"
#include "net/mailbox.hpp"
#include "payments/gateways/gateway.hpp"
#include "payments/records/gateway_records.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace postern::daemon {

// Asks gateways what the store says they must be asked, and settles what they answer. An order is
// postponed before it is asked, so that one whose answer is lost, with this process or without, is
// asked again with the same idempotency key: an unknown outcome stays pending until it is known. A
// thread of its own, asleep while nothing is due. At its start it asks again what an earlier
// process had asked.
//
// Where several nodes share a store, each asks for the orders that it made itself, and the leader
// also for those that nobody asks for. Whoever postponed an order asks, so no two ever do at once.
class OrderRunner {
 public:
    struct Parts {
        const PaymentStore& store;
        const Clock& clock;
        const payments::Surroundings& around;  // with every gateway
        MetricRegistry& metrics;
        const Neighbours* neighbours = nullptr;  // null: nobody else asks
    };
    explicit OrderRunner(Parts parts);
    ~OrderRunner();  // stops
    OrderRunner(const OrderRunner&) = delete;
    OrderRunner& operator=(const OrderRunner&) = delete;

    void start();
    void wake();        // an order may have been made; any thread
    void look_again();  // one may have been settled elsewhere, as by a webhook; any thread
    void stop(
    );  // ends after the step in hand; what is still unanswered is asked at the next start

    // Sleeps until all of these are settled, or for that long.
    net::Task<void> wait_for(
        std::vector<payments::OrderId> orders,
        std::chrono::milliseconds patience,
        net::IoThread& thread
    );

 private:
    using SteadyTime = std::chrono::steady_clock::time_point;
    class Waiting;
    struct Answered;
    struct Inbox;

    void run_thread();
    SteadyTime next_turn();
    std::chrono::seconds pause_between_looks() const;
    void doubt_waiting();
    void look_for_settled();
    void ask_due();
    bool recall_left();
    struct Look;
    bool read_due(Look& look);
    void ask(const payments::OrderRow& row);
    bool claim(std::vector<payments::OrderRow>& rows);
    void settle_answers();
    bool settle(const std::vector<const Answered*>& answers);
    void tell_settled(const std::set<payments::OrderId>& settled);
    void let_go_of_late();
    bool begin_wait(Waiting& waiting);

    Parts parts_;
    OrderMetrics metrics_;
    // The thread only: has what an earlier process asked been made due?
    enum class Left { unknown, recalled } left_ = Left::unknown;
    std::set<payments::OrderId> under_way_;  // the thread only: asked and not answered
    SteadyTime look_at_{};                   // the thread only: when the store is asked again
    std::shared_ptr<Inbox> inbox_;           // shared with gateways, which may answer late
    std::jthread thread_;
};

}  // namespace postern::daemon

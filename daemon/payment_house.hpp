#pragma once

#include "config/config.hpp"
#include "core/metrics.hpp"
#include "core/time.hpp"
#include "daemon/payment_store.hpp"
#include "daemon/payment_surroundings.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace postern::daemon {

// What the payment API does as time goes by: money settles, challenges that nobody meets fail,
// holds that nobody captures end, payouts are made by schedule. A thread of its own that looks
// every few seconds; each step is one transaction.
class PaymentHouse {
 public:
    struct Parts {
        const PaymentStore& store;
        const Clock& clock;
        const PaymentSurroundings& surroundings;
        MetricRegistry& metrics;
        config::PayoutSchedule payouts = config::PayoutSchedule::manual;
        StepGuard guard = {};
    };
    explicit PaymentHouse(Parts parts);
    ~PaymentHouse();  // stops
    PaymentHouse(const PaymentHouse&) = delete;
    PaymentHouse& operator=(const PaymentHouse&) = delete;

    // Several times, each after the stop before it.
    void start();
    void stop();  // ends after the step in hand

    // All that is due now. False: the store failed, and the next round does the rest.
    bool keep();

 private:
    void run_thread();
    bool is_stopping();
    PaymentWork guarded(PaymentWork work) const;
    using IsDue = Result<bool, storage::StoreError>;
    // Something that is done a few rows at a time until nothing of it is due.
    struct Chore {
        std::function<IsDue(storage::Connection&, TimePoint)> is_due;
        std::function<Result<std::size_t, storage::StoreError>(payments::Work&)> step;
    };
    bool do_all(const Chore& chore);
    bool pay_out();
    bool pay_out_all();
    bool count_books();

    using SteadyTime = std::chrono::steady_clock::time_point;
    Parts parts_;
    Gauge books_;
    Gauge unbalanced_books_;
    SteadyTime count_books_at_{};  // the thread only
    std::mutex mutex_;             // guards what follows
    std::condition_variable wake_;
    bool stopping_ = false;
    std::jthread thread_;
};

}  // namespace postern::daemon

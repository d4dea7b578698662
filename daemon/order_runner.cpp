#include "daemon/order_runner.hpp"

#include "core/log.hpp"
#include "daemon/blocking_read.hpp"
#include "payments/service/payment_service.hpp"

#include <algorithm>

namespace postern::daemon {

using payments::GatewayAnswer;
using payments::GatewayOrder;
using payments::OrderId;
using payments::OrderRow;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t kOrdersAtOnce = 64;
// No call takes longer, so an order that is due again was not answered.
constexpr std::chrono::seconds kFirstPause{90};
constexpr std::chrono::seconds kPauseMax{3'600};
constexpr std::int64_t kDoublingsMax = 6;
constexpr std::chrono::seconds kAfterFailure{2};
// Orders of another process over the same store are found by asking now and then.
constexpr std::chrono::seconds kLookEvery{60};

std::chrono::seconds pause_after(std::int64_t asked) {
    const auto doublings = std::min(asked, kDoublingsMax);
    return std::min(kPauseMax, kFirstPause * (std::int64_t{1} << doublings));
}

}  // namespace

struct OrderRunner::Answered {
    OrderId order;
    storage::GatewayNumber gateway;
    std::optional<GatewayAnswer> answer;  // absent: the outcome is unknown
};

// A request that waits for its orders. Whoever takes it out of the list drops the letter, once.
class OrderRunner::Waiting final : public net::Letter {
 public:
    Waiting(std::vector<OrderId> wanted, SteadyTime late, net::IoThread& io_thread)
        : open{wanted.begin(), wanted.end()}, late_at{late}, thread{io_thread} {}
    void delivered() noexcept override { sleeper.wake(); }
    void let_go() { thread.mailbox().drop(*this); }

    std::set<OrderId> open;
    SteadyTime late_at;
    enum class Looked { no, yes } looked = Looked::no;  // for orders settled before it waited
    net::IoThread& thread;
    net::Sleeper sleeper;
};

struct OrderRunner::Inbox {
    std::mutex mutex;  // guards what follows
    std::condition_variable wake;
    bool work_to_do = true;
    bool stopping = false;
    std::vector<Answered> answers;
    std::vector<Waiting*> waiting;
};

OrderRunner::OrderRunner(Parts parts)
    : parts_{parts},
      metrics_{parts.metrics, parts.around.gateways.all()},
      inbox_{std::make_shared<Inbox>()} {}

OrderRunner::~OrderRunner() {
    stop();
}

void OrderRunner::start() {
    thread_ = std::jthread{[this] {
        run_thread();
    }};
}

void OrderRunner::wake() {
    const std::lock_guard lock{inbox_->mutex};
    inbox_->work_to_do = true;
    inbox_->wake.notify_one();
}

void OrderRunner::look_again() {
    const std::lock_guard lock{inbox_->mutex};
    if (inbox_->waiting.empty()) return;
    for (Waiting* waiting : inbox_->waiting) waiting->looked = Waiting::Looked::no;
    inbox_->work_to_do = true;
    inbox_->wake.notify_one();
}

void OrderRunner::stop() {
    {
        const std::lock_guard lock{inbox_->mutex};
        inbox_->stopping = true;
        inbox_->wake.notify_one();
    }
    if (thread_.joinable()) thread_.join();
    std::vector<Waiting*> waiting;
    {
        const std::lock_guard lock{inbox_->mutex};
        waiting.swap(inbox_->waiting);
    }
    for (Waiting* one : waiting) one->let_go();
}

bool OrderRunner::begin_wait(Waiting& waiting) {
    const std::lock_guard lock{inbox_->mutex};
    if (inbox_->stopping) return false;
    inbox_->waiting.push_back(&waiting);
    inbox_->work_to_do = true;
    inbox_->wake.notify_one();
    return true;
}

net::Task<void> OrderRunner::wait_for(
    std::vector<OrderId> orders,
    std::chrono::milliseconds patience,
    net::IoThread& thread
) {
    Waiting waiting{std::move(orders), steady_clock::now() + patience, thread};
    auto begin = [this, &waiting] {
        if (!begin_wait(waiting)) waiting.let_go();
    };
    co_await net::sleep_until_woken(waiting.sleeper, begin);
}

void OrderRunner::run_thread() {
    for (;;) {
        {
            const SteadyTime turn = next_turn();
            Inbox& inbox = *inbox_;
            std::unique_lock lock{inbox.mutex};
            inbox.wake.wait_until(lock, turn, [&inbox] {
                return inbox.stopping || inbox.work_to_do || !inbox.answers.empty();
            });
            if (inbox.stopping) return;
            if (inbox.work_to_do) look_at_ = {};
            inbox.work_to_do = false;
        }
        settle_answers();
        if (look_at_ <= steady_clock::now()) ask_due();
        look_for_settled();
        let_go_of_late();
        metrics_.set_under_way(under_way_.size());
    }
}

OrderRunner::SteadyTime OrderRunner::next_turn() {
    SteadyTime turn = look_at_;
    const std::lock_guard lock{inbox_->mutex};
    for (const Waiting* waiting : inbox_->waiting) turn = std::min(turn, waiting->late_at);
    return turn;
}

void OrderRunner::ask_due() {
    if (left_ == Left::unknown && !recall_left()) {
        look_at_ = steady_clock::now() + kAfterFailure;
        return;
    }
    std::vector<OrderRow> due;
    std::optional<TimePoint> next;
    const TimePoint now = parts_.clock.now();
    const ReadWork work = [&due, &next, now](storage::Connection& connection) -> StoreResult {
        auto rows = payments::due_orders(connection, now, kOrdersAtOnce);
        if (!rows) return rows.error();
        due = std::move(*rows);
        const auto at = payments::next_order_at(connection);
        if (!at) return at.error();
        next = *at;
        return {};
    };
    const StoreResult read = read_and_wait(parts_.store.store.readers, work);
    look_at_ = steady_clock::now() + (read ? kLookEvery : kAfterFailure);
    if (!read) return;
    const bool full = due.size() == kOrdersAtOnce;
    std::erase_if(due, [this](const OrderRow& row) { return under_way_.contains(row.id); });
    if (!due.empty() && !postpone(due)) {
        look_at_ = steady_clock::now() + kAfterFailure;
        return;
    }
    for (const OrderRow& row : due) ask(row);
    if (full) {
        look_at_ = {};
    } else if (next && *next > now) {
        look_at_ = std::min(look_at_, steady_clock::now() + (*next - now));
    }
}

// Nothing of this process is in flight yet, so nobody will answer what was asked before it.
bool OrderRunner::recall_left() {
    const auto work = [](payments::Work& unit) -> StoreResult {
        return payments::recall_orders(unit.transaction);
    };
    if (!write_payments(parts_.store, parts_.around, work)) return false;
    left_ = Left::recalled;
    return true;
}

bool OrderRunner::postpone(const std::vector<OrderRow>& rows) {
    const TimePoint now = parts_.clock.now();
    const auto work = [&rows, now](payments::Work& unit) -> StoreResult {
        for (const OrderRow& row : rows) {
            const auto done =
                payments::postpone_order(unit.transaction, row.id, now + pause_after(row.asked));
            if (!done) return done.error();
        }
        return {};
    };
    return write_payments(parts_.store, parts_.around, work).has_value();
}

void OrderRunner::ask(const OrderRow& row) {
    const payments::PaymentGateway* gateway = parts_.around.gateways.find(row.gateway);
    if (gateway == nullptr) {
        log::warn("payments.order_without_gateway", {{"gateway", row.gateway.value}});
        return;
    }
    std::optional<GatewayOrder> order;
    const ReadWork work = [this, &order, &row](storage::Connection& connection) -> StoreResult {
        const payments::Books books{connection, parts_.around, row.owner, parts_.clock.now()};
        auto loaded = payments::load_order(books, row.id);
        if (!loaded) return loaded.error();
        order = std::move(*loaded);
        return {};
    };
    if (!read_and_wait(parts_.store.store.readers, work) || !order) return;
    under_way_.insert(row.id);
    metrics_.count(row.gateway, OrderMetrics::Step::asked);
    const auto answered =
        [inbox = inbox_, id = row.id, number = row.gateway](std::optional<GatewayAnswer> answer) {
            const std::lock_guard lock{inbox->mutex};
            inbox->answers.push_back({.order = id, .gateway = number, .answer = std::move(answer)});
            inbox->wake.notify_one();
        };
    gateway->gateway->call(*order, answered);
}

void OrderRunner::settle_answers() {
    std::vector<Answered> answers;
    {
        const std::lock_guard lock{inbox_->mutex};
        answers.swap(inbox_->answers);
    }
    std::vector<const Answered*> known;
    for (const Answered& answered : answers) {
        using Step = OrderMetrics::Step;
        under_way_.erase(answered.order);
        metrics_.count(answered.gateway, answered.answer ? Step::answered : Step::unknown);
        if (answered.answer) known.push_back(&answered);
    }
    if (known.empty() || settle(known)) return;
    // One that cannot be settled must not keep the others from it; it is asked again.
    for (const Answered* answered : known) {
        if (!settle({answered})) log::warn("payments.order_not_settled");
    }
}

bool OrderRunner::settle(const std::vector<const Answered*>& answers) {
    const auto work = [this, &answers](payments::Work& unit) -> StoreResult {
        for (const Answered* answered : answers) {
            const auto row = payments::find_order(unit.transaction.connection(), answered->order);
            if (!row) return row.error();
            if (!*row) continue;  // a webhook told it before
            unit.owner = (*row)->owner;
            const auto order = payments::load_order(unit.books(), answered->order);
            if (!order) return order.error();
            if (!*order) continue;
            const auto settled = payments::settle_order(unit, **order, *answered->answer);
            if (!settled) return settled.error();
        }
        return {};
    };
    if (!write_payments(parts_.store, parts_.around, work)) return false;
    std::set<OrderId> settled;
    for (const Answered* answered : answers) settled.insert(answered->order);
    tell_settled(settled);
    return true;
}

// A webhook, another process or a quick gateway may have settled an order before its request began
// to wait for it.
void OrderRunner::look_for_settled() {
    std::set<OrderId> wanted;
    {
        const std::lock_guard lock{inbox_->mutex};
        for (Waiting* waiting : inbox_->waiting) {
            if (waiting->looked == Waiting::Looked::yes) continue;
            waiting->looked = Waiting::Looked::yes;
            wanted.insert(waiting->open.begin(), waiting->open.end());
        }
    }
    if (wanted.empty()) return;
    std::set<OrderId> settled;
    const ReadWork work = [&wanted, &settled](storage::Connection& connection) -> StoreResult {
        for (const OrderId id : wanted) {
            const auto row = payments::find_order(connection, id);
            if (!row) return row.error();
            if (!*row) settled.insert(id);
        }
        return {};
    };
    if (read_and_wait(parts_.store.store.readers, work)) tell_settled(settled);
}

void OrderRunner::tell_settled(const std::set<OrderId>& settled) {
    std::vector<Waiting*> ready;
    {
        const std::lock_guard lock{inbox_->mutex};
        for (Waiting* waiting : inbox_->waiting) {
            for (const OrderId id : settled) waiting->open.erase(id);
            if (waiting->open.empty()) ready.push_back(waiting);
        }
        std::erase_if(inbox_->waiting, [](const Waiting* one) { return one->open.empty(); });
    }
    for (Waiting* waiting : ready) waiting->let_go();
}

void OrderRunner::let_go_of_late() {
    const SteadyTime now = steady_clock::now();
    std::vector<Waiting*> late;
    {
        const std::lock_guard lock{inbox_->mutex};
        for (Waiting* waiting : inbox_->waiting) {
            if (waiting->late_at <= now) late.push_back(waiting);
        }
        std::erase_if(inbox_->waiting, [now](const Waiting* one) { return one->late_at <= now; });
    }
    for (Waiting* waiting : late) waiting->let_go();
}

}  // namespace postern::daemon

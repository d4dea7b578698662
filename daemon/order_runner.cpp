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
constexpr std::chrono::seconds kLookEvery{60};
// Who made an order asks at once, so one that is due for so long was left by a dead node.
constexpr std::chrono::seconds kLeftAfter{2};
// An order that a request waits for may be settled on another node, which cannot wake it here.
constexpr std::chrono::milliseconds kLookForSettledEvery{250};

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
        doubt_waiting();
        look_for_settled();
        let_go_of_late();
        metrics_.set_under_way(under_way_.size());
    }
}

OrderRunner::SteadyTime OrderRunner::next_turn() {
    SteadyTime turn = look_at_;
    const std::lock_guard lock{inbox_->mutex};
    for (const Waiting* waiting : inbox_->waiting) turn = std::min(turn, waiting->late_at);
    if (parts_.neighbours != nullptr && !inbox_->waiting.empty()) {
        turn = std::min(turn, steady_clock::now() + kLookForSettledEvery);
    }
    return turn;
}

// Where others may settle orders, what was seen a moment ago says little.
void OrderRunner::doubt_waiting() {
    if (parts_.neighbours == nullptr) return;
    const std::lock_guard lock{inbox_->mutex};
    for (Waiting* waiting : inbox_->waiting) waiting->looked = Waiting::Looked::no;
}

// What a look into the store finds.
struct OrderRunner::Look {
    TimePoint now;
    std::vector<OrderRow> due = {};
    std::optional<TimePoint> next = std::nullopt;
    enum class End { reached, more } end = End::reached;
};

void OrderRunner::ask_due() {
    if (left_ == Left::unknown && !recall_left()) {
        look_at_ = steady_clock::now() + kAfterFailure;
        return;
    }
    Look look{.now = parts_.clock.now()};
    const bool read = read_due(look);
    look_at_ = steady_clock::now() + (read ? pause_between_looks() : kAfterFailure);
    if (!read) return;
    std::erase_if(look.due, [this](const OrderRow& row) { return under_way_.contains(row.id); });
    if (!look.due.empty() && !claim(look.due)) {
        look_at_ = steady_clock::now() + kAfterFailure;
        return;
    }
    for (const OrderRow& row : look.due) ask(row);
    if (look.end == Look::End::more) {
        look_at_ = {};
    } else if (look.next && *look.next > look.now) {
        look_at_ = std::min(look_at_, steady_clock::now() + (*look.next - look.now));
    }
}

// The leader finds what dead nodes left only by looking.
std::chrono::seconds OrderRunner::pause_between_looks() const {
    const Neighbours* neighbours = parts_.neighbours;
    return neighbours != nullptr && neighbours->leads() ? kNeighboursLeaveWork : kLookEvery;
}

bool OrderRunner::read_due(Look& look) {
    const ReadWork all = [&look](storage::Connection& connection) -> StoreResult {
        auto rows = payments::due_orders(connection, look.now, kOrdersAtOnce);
        if (!rows) return rows.error();
        look.due = std::move(*rows);
        const auto next = payments::next_order_at(connection);
        if (!next) return next.error();
        look.next = *next;
        return {};
    };
    const ReadWork ours = [this, &look](storage::Connection& connection) -> StoreResult {
        const unsigned node = parts_.neighbours->own_number();
        auto rows = payments::due_orders_of(
            connection, {.node = node, .now = look.now, .rows_max = kOrdersAtOnce}
        );
        if (!rows) return rows.error();
        look.due = std::move(*rows);
        const auto next = payments::next_order_of(connection, node);
        if (!next) return next.error();
        look.next = *next;
        if (!parts_.neighbours->leads() || look.due.size() == kOrdersAtOnce) return {};
        const auto left = payments::due_orders(connection, look.now - kLeftAfter, kOrdersAtOnce);
        if (!left) return left.error();
        for (const OrderRow& row : *left) {
            if (node_of_id(row.id.value) != node) look.due.push_back(row);
        }
        return {};
    };
    const bool shared = parts_.neighbours != nullptr;
    if (!read_and_wait(parts_.store.store.readers, shared ? ours : all)) return false;
    if (look.due.size() >= kOrdersAtOnce) look.end = Look::End::more;
    return true;
}

// Nothing of this process is in flight yet, so nobody will answer what was asked before it. Other
// nodes that live may, so what they asked is due again by itself.
bool OrderRunner::recall_left() {
    const Neighbours* neighbours = parts_.neighbours;
    const auto others = neighbours == nullptr ? std::vector<unsigned>{} : neighbours->others();
    const auto work = [&others](payments::Work& unit) -> StoreResult {
        return payments::recall_orders(unit.transaction, others);
    };
    if (!write_payments(parts_.store, parts_.around, work)) return false;
    left_ = Left::recalled;
    return true;
}

// Leaves those that are this node's to ask for.
bool OrderRunner::claim(std::vector<OrderRow>& rows) {
    const TimePoint now = parts_.clock.now();
    std::vector<OrderRow> claimed;
    const auto work = [&rows, &claimed, now](payments::Work& unit) -> StoreResult {
        claimed.clear();
        for (const OrderRow& row : rows) {
            const auto ours =
                payments::claim_order(unit.transaction, row, now + pause_after(row.asked));
            if (!ours) return ours.error();
            if (*ours) claimed.push_back(row);
        }
        return {};
    };
    if (!write_payments(parts_.store, parts_.around, work)) return false;
    rows = std::move(claimed);
    return true;
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

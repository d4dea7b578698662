#include "dispatch/dispatch_loop.hpp"

#include "core/log.hpp"
#include "dispatch/attempt_span.hpp"
#include "net/spawn.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <utility>

namespace postern::dispatch {

using storage::AttemptError;
using storage::DeliveryState;

namespace {

constexpr std::chrono::seconds kTick{1};
// Between two looks at the wall clock, which may jump.
constexpr std::chrono::seconds kSleepMax{1};
constexpr std::int64_t kTicksBetweenChoices = 60;  // of the endpoints that have metrics
constexpr std::size_t kSweptAtOnce = 256;
// Anything due for so long, although its endpoint may be called, has been forgotten by somebody.
constexpr std::chrono::seconds kOverdue{60};

Engine::Random random_source() {
    auto generator = std::make_shared<std::mt19937_64>(std::random_device{}());
    return [generator] {
        return std::uniform_real_distribution<double>{0, 1}(*generator);
    };
}

SkipReason why_not_wanted(EndpointSettings settings, const EventContent& event) {
    settings.filter.reset();
    return is_subscribed(settings, event) ? SkipReason::filtered : SkipReason::unsubscribed;
}

EngineLimits limits_of(const DispatcherOptions& options, const Dispatcher::Parts& parts) {
    EngineLimits limits = options.engine;
    using Lanes = EngineLimits::Lanes;
    limits.lanes = parts.claims == nullptr ? Lanes::all_ours : Lanes::by_grant;
    return limits;
}

net::Resolver::Options counted(net::Resolver::Options options, MetricRegistry& metrics) {
    options.metrics = net::ResolverMetrics{metrics};
    return options;
}

double seconds_of(std::chrono::microseconds duration) {
    return std::chrono::duration<double>(duration).count();
}

}  // namespace

// Many things happen in one turn of the loop, and one look at the engine serves them all.
class DispatchLoop::PollLetter final : public net::Letter {
 public:
    explicit PollLetter(DispatchLoop& loop) : loop_{loop} {}

    void send() {
        if (under_way_) return;
        under_way_ = true;
        loop_.thread_.mailbox().drop(*this);
    }
    void delivered() noexcept override {
        under_way_ = false;
        loop_.poll();
    }

 private:
    DispatchLoop& loop_;
    bool under_way_ = false;
};

DispatchLoop::DispatchLoop(
    const Dispatcher::Parts& parts,
    const DispatcherOptions& options,
    net::IoThread& thread
)
    : parts_{parts},
      thread_{thread},
      clock_{parts.clock},
      metrics_{parts.metrics},
      endpoint_series_{parts.metrics, parts.ids},
      resolver_{thread, counted(options.resolver, parts.metrics)},
      client_{thread, options.client},
      sender_{Sender::Parts{
          .resolver = resolver_,
          .client = client_,
          .clock = parts.clock,
          .ids = parts.ids,
          .asymmetric = parts.asymmetric,
          .test_rules = options.test_rules,
          .live_rules = options.live_rules,
          .proxy = options.proxy,
          .user_agent = options.user_agent,
          .instance_tag = options.instance_tag,
          .spans = parts.spans}},
      engine_{limits_of(options, parts), random_source()},
      record_around_{parts.endpoints, parts_.ids, thread},
      on_written_{[this](const RecordEnd& order, const RecordUnit::Outcome& outcome) {
          written(order, outcome);
      }},
      poll_letter_{std::make_unique<PollLetter>(*this)},
      alarm_{
          thread,
          [this] {
              armed_for_.reset();
              poll();
          }},
      ticker_{
          thread,
          [this] {
              tick();
          }},
      on_due_{[this](const storage::DueQuery& query, storage::DueRows* rows) {
          read_due(query, rows);
      }},
      sweep_{
          thread,
          [this](const std::vector<Nudge>& found) {
              swept(found);
          }},
      on_health_{[this](std::vector<HealthRead::Found>* found) {
          health_read(found);
      }} {}

DispatchLoop::~DispatchLoop() {
    if (parts_.claims != nullptr) parts_.claims->thread_ended();
}

Result<void, Complaint> DispatchLoop::load(storage::Connection& connection) {
    if (parts_.claims != nullptr) {
        // Lanes come by grant, and what is stored for them is read then.
        for (const auto& endpoint : parts_.endpoints.all()) {
            engine_.put_endpoint(endpoint, std::nullopt, {});
        }
        return {};
    }
    const auto health = storage::load_endpoint_health(connection);
    if (!health) return Complaint{"the endpoints' health cannot be read from the store"};
    std::map<EndpointId, storage::EndpointHealthRow> health_of;
    for (const auto& row : *health) health_of.emplace(row.endpoint, row);
    for (const auto& endpoint : parts_.endpoints.all()) {
        const auto found = health_of.find(endpoint->id);
        const auto fresh =
            storage::first_due(connection, endpoint->id, storage::DeliveryQueue::fresh);
        const auto retry =
            storage::first_due(connection, endpoint->id, storage::DeliveryQueue::retry);
        if (!fresh || !retry) return Complaint{"the deliveries cannot be read from the store"};
        engine_.put_endpoint(
            endpoint,
            found == health_of.end() ? std::nullopt : std::optional{found->second},
            {.fresh = *fresh, .retry = *retry}
        );
    }
    return {};
}

void DispatchLoop::begin() {
    note_turn({}, clock_.now());
    if (parts_.claims != nullptr) parts_.claims->start(thread_, *this);
    poll_soon();
    ticker_.set(kTick);
}

void DispatchLoop::accept(Mail mail) {
    for (const auto& change : mail.endpoints) {
        sender_.forget(change.id);
        if (change.endpoint == nullptr) {
            engine_.remove_endpoint(change.id);
            continue;
        }
        // What is stored for it is not known here; the past is a safe guess that costs one read.
        engine_.put_endpoint(
            change.endpoint, std::nullopt, {.fresh = TimePoint{}, .retry = TimePoint{}}
        );
    }
    for (FreshDelivery& fresh : mail.fresh) {
        engine_.offer(
            {.delivery = fresh.id,
             .event = fresh.content->id,
             .endpoint = fresh.endpoint,
             .due_at = fresh.due_at,
             .fence = fresh.fence,
             .sequence = fresh.sequence,
             .order_key = fresh.order_key,
             .progress = {.round_started_at = fresh.due_at},
             .content = std::move(fresh.content)}
        );
    }
    for (const auto& [endpoint, due_at] : mail.spilled) {
        engine_.nudge({.endpoint = endpoint, .due_at = due_at});
    }
    for (const Nudge& nudge : mail.nudges) engine_.nudge(nudge);
    poll_soon();
}

void DispatchLoop::poll_soon() {
    poll_letter_->send();
}

void DispatchLoop::poll() {
    const TimePoint now = clock_.now();
    actions_.clear();
    stand();
    engine_.poll(now, actions_);
    for (EngineAction& action : actions_) {
        std::visit([this](auto& order) { act(order); }, action);
    }
    send_claims();
    arm(now);
}

void DispatchLoop::arm(TimePoint now) {
    const auto wake = engine_.next_wake();
    if (!wake || (armed_for_ && *armed_for_ <= *wake)) return;
    armed_for_ = wake;
    alarm_.set(std::clamp(*wake - now, Microseconds{0}, Microseconds{kSleepMax}));
}

void DispatchLoop::tick() {
    ticker_.set(kTick);
    const TimePoint now = clock_.now();
    const Engine::Status status = engine_.status(now);
    metrics_.in_flight.set(static_cast<double>(status.in_flight));
    metrics_.waiting_in_memory.set(static_cast<double>(status.items));
    metrics_.breakers_open.set(static_cast<double>(status.breakers_open));
    metrics_.oldest_due_seconds.set(
        status.oldest_due ? seconds_of(std::max(now - *status.oldest_due, Microseconds{0})) : 0
    );
    note_turn(status, now);
    if (++ticks_ % kTicksBetweenChoices == 0) endpoint_series_.choose();
    read_health();
    sweep();
    // A lease that was renewed lets attempts begin again, and nobody says so.
    if (parts_.claims != nullptr) poll_soon();
}

void DispatchLoop::note_turn(const Engine::Status& status, TimePoint now) {
    const bool is_overdue = status.oldest_due && now - *status.oldest_due >= kOverdue;
    const std::lock_guard lock{mutex_};
    status_ = status;
    turned_at_ = std::chrono::steady_clock::now();
    if (!is_overdue) moved_at_ = turned_at_;
}

void DispatchLoop::sweep() {
    if (sweep_.is_under_way() || phase_ != Phase::running) return;
    std::vector<EndpointId> slice = engine_.ours_after(swept_until_, kSweptAtOnce);
    swept_until_ = slice.size() == kSweptAtOnce ? slice.back() : EndpointId{};
    if (!slice.empty()) sweep_.start(std::move(slice), parts_.readers);
}

void DispatchLoop::swept(const std::vector<Nudge>& found) {
    const TimePoint long_ago = clock_.now() - kOverdue;
    const auto oldest = engine_.status(clock_.now()).oldest_due;
    for (const Nudge& nudge : found) {
        if (nudge.due_at > clock_.now()) continue;
        engine_.nudge(nudge);
        // An endpoint that is paused or disabled is behind by right, and the engine does not count
        // it.
        if (nudge.due_at < long_ago && oldest && *oldest < long_ago) metrics_.found_by_sweep.add();
    }
    poll_soon();
}

void DispatchLoop::act(StartAttempt& start) {
    mark_sending(start.item.delivery);
    ++tasks_;
    net::spawn(thread_, attempt(std::move(start)));
}

void DispatchLoop::act(LoadDue& load) {
    ++reads_;
    auto read = std::make_unique<DueRead>(load.query, thread_, on_due_);
    DueRead::start(std::move(read), parts_.readers);
}

void DispatchLoop::act(RecordEnd& record) {
    ++records_;
    RecordUnit::Told told{.end = std::move(record), .holder = holder()};
    auto unit = std::make_unique<RecordUnit>(std::move(told), record_around_, on_written_);
    RecordUnit* waiting = unit.release();
    if (parts_.writer.submit(*waiting) != storage::Submitted::queued) waiting->fail_unsubmitted();
}

void DispatchLoop::read_due(const storage::DueQuery& query, storage::DueRows* rows) {
    --reads_;
    if (rows != nullptr) {
        engine_.loaded(query, std::move(*rows));
    } else {
        engine_.load_failed(query, clock_.now());
    }
    poll_soon();
}

net::Task<std::optional<SkipReason>>
DispatchLoop::read_event(const StartAttempt& start, std::shared_ptr<const EventContent>& content) {
    const DueItem& item = start.item;
    const bool latest_only = start.endpoint->settings.deliver == Deliver::latest
                             && item.order_key != 0 && item.progress.round_attempts > 0;
    if (content == nullptr || latest_only) {
        const EventRead::Wish wish{
            .event = item.event,
            .delivery = item.delivery,
            .key = {item.endpoint, latest_only ? item.order_key : 0}};
        EventRead read{wish, {parts_.ids, parts_.gateway_name}, thread_};
        co_await read.wait(parts_.readers);
        if (read.failed()) co_return std::nullopt;
        content = read.content();
        if (content == nullptr) co_return SkipReason::event_gone;
        if (read.newer_arrived()) co_return SkipReason::superseded;
    }
    if (is_subscribed(start.endpoint->settings, *content)) co_return std::nullopt;
    co_return why_not_wanted(start.endpoint->settings, *content);
}

net::Task<void> DispatchLoop::attempt(StartAttempt start) {
    std::shared_ptr<const EventContent> content = start.item.content;
    const std::optional<SkipReason> skip = co_await read_event(start, content);
    if (content != nullptr) engine_.learned_event_type(start.item.delivery, content->type);
    if (skip) {
        engine_.attempt_skipped(start.item.delivery, *skip, clock_.now());
    } else if (content == nullptr) {
        // The store did not answer. It is no fault of the endpoint's, and the delivery is still
        // due.
        engine_.attempt_not_made(start.item.delivery, clock_.now());
        mark_idle(start.item.delivery);
    } else if (!may_send(start.item.delivery)) {
        engine_.attempt_not_made(start.item.delivery, clock_.now());
        mark_idle(start.item.delivery);
    } else {
        const Sender::Numbers numbers{
            .sequence = start.item.sequence, .attempt = start.item.progress.attempts + 1};
        const AttemptResult result = co_await sender_.send(start.endpoint, content, numbers);
        if (is_wanted(parts_.spans, result.trace)) {
            parts_.spans->take(span_of_attempt({start.item, *content, result, parts_.ids}));
        }
        if (phase_ == Phase::running) attempt_over(start, result);
    }
    --tasks_;
    poll_soon();
}

void DispatchLoop::attempt_over(const StartAttempt& start, const AttemptResult& result) {
    const TimePoint now = clock_.now();
    metrics_.attempts_by(result.error).add();
    metrics_.attempt_seconds.observe(seconds_of(result.phases.total));
    metrics_.observe(result.phases);
    endpoint_series_.count(
        {.endpoint = start.item.endpoint, .error = result.error, .took = result.phases.total}
    );
    if (result.error == AttemptError::none && start.item.progress.attempts == 0) {
        metrics_.first_delivery_seconds.observe(seconds_of(now - start.item.due_at));
    }
    engine_.attempt_ended(start.item.delivery, result, now);
}

net::Task<AttemptResult> DispatchLoop::send_now(
    std::shared_ptr<const Endpoint> endpoint,
    std::shared_ptr<const EventContent> event
) {
    ++tasks_;
    const Sender::Numbers numbers;
    AttemptResult result = co_await sender_.send(std::move(endpoint), std::move(event), numbers);
    --tasks_;
    co_return result;
}

void DispatchLoop::written(const RecordEnd& order, const RecordUnit::Outcome& outcome) {
    --records_;
    const DeliveryId delivery = order.finished.delivery;
    if (!outcome.recorded) {
        metrics_.unrecorded.add();
        engine_.record_failed(delivery, clock_.now());
        poll_soon();
        return;
    }
    mark_idle(delivery);
    const Recorded& recorded = *outcome.recorded;
    if (recorded.kind == Recorded::Kind::stale) {
        metrics_.stale.add();
    } else {
        metrics_.finished_by(recorded.row.state).add();
    }
    report(order, recorded);
    engine_.recorded(delivery, recorded);
    for (const Nudge& nudge : outcome.nudges) engine_.nudge(nudge);
    if (outcome.disabled != nullptr) {
        log::warn(
            "endpoint.disabled",
            {{"endpoint", parts_.ids.encode(outcome.disabled->id)},
             {"reason", outcome.disabled->disabled_reason}}
        );
        parts_.endpoints.put(outcome.disabled);
    }
    poll_soon();
}

// The operators' copy of what merchants hear as operational events.
void DispatchLoop::report(const RecordEnd& order, const Recorded& recorded) const {
    const std::string endpoint = parts_.ids.encode(order.endpoint);
    switch (order.notice) {
        case RecordEnd::Notice::none: break;
        case RecordEnd::Notice::failing:
            log::warn("endpoint.failing", {{"endpoint", endpoint}});
            break;
        case RecordEnd::Notice::recovered:
            log::info("endpoint.recovered", {{"endpoint", endpoint}});
            break;
    }
    const bool died =
        recorded.kind == Recorded::Kind::applied && recorded.row.state == DeliveryState::dead;
    if (!died) return;
    const auto& attempt = order.finished.attempt;
    const TraceContext trace = attempt ? attempt->trace.value_or(TraceContext{}) : TraceContext{};
    log::warn(
        "delivery.exhausted",
        {{"endpoint", endpoint},
         {"delivery", parts_.ids.encode(recorded.row.id)},
         {"reason", recorded.row.reason},
         {"attempts", recorded.row.attempts},
         {"trace_id", to_text(trace.trace).view()}}
    );
}

void DispatchLoop::cut() {
    phase_ = Phase::cutting;
    client_.close();
}

bool DispatchLoop::is_quiet() const {
    return tasks_ == 0 && reads_ == 0 && records_ == 0 && !sweep_.is_under_way();
}

void DispatchLoop::mark_sending(DeliveryId delivery) {
    const std::lock_guard lock{mutex_};
    sending_.insert(delivery.value);
    moved_at_ = std::chrono::steady_clock::now();
}

void DispatchLoop::mark_idle(DeliveryId delivery) {
    const std::lock_guard lock{mutex_};
    sending_.erase(delivery.value);
    moved_at_ = std::chrono::steady_clock::now();
}

bool DispatchLoop::is_sending(DeliveryId delivery) const {
    const std::lock_guard lock{mutex_};
    return sending_.contains(delivery.value);
}

Engine::Status DispatchLoop::status() const {
    const std::lock_guard lock{mutex_};
    return status_;
}

Standstill DispatchLoop::standstill() const {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock{mutex_};
    return {
        .loop = std::chrono::duration_cast<std::chrono::seconds>(now - turned_at_),
        .deliveries = std::chrono::duration_cast<std::chrono::seconds>(now - moved_at_)};
}

}  // namespace postern::dispatch

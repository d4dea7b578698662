#include "daemon/receiver.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/log.hpp"
#include "daemon/event_object.hpp"
#include "daemon/header_text.hpp"
#include "daemon/offload.hpp"
#include "daemon/retry_after.hpp"
#include "daemon/webhook_replies.hpp"
#include "dispatch/sender.hpp"

#include <algorithm>

namespace postern::daemon {

using storage::StoreError;
using storage::Submitted;
using storage::Verdict;
using verifiers::NormaliseFailure;
using verifiers::Provider;
using verifiers::SignedRequest;
using verifiers::Verified;
using verifiers::VerifyFailure;

namespace {

std::string field_names(const HttpFields& fields) {
    std::string names;
    for (const HttpField& field : fields) {
        if (!names.empty()) names += ',';
        names += field.name;
    }
    return names;
}

// Unreachable, overloaded or broken: the provider will call again, and may find it mended then.
bool is_unavailable(const verifiers::FetchedDocument& document) {
    return document.status == 0 || document.status == 429 || document.status >= 500;
}

HttpReply reply_for(StoreError error) {
    return try_again_reply(retry_after(error));
}

}  // namespace

// The requests of one io thread whose commit is under way, for the deadline.
struct Receiver::Lane {
    std::vector<ReceivedWebhook*> in_flight;
};

struct Receiver::Judgement {
    enum class Kind : std::uint8_t { proven, refused, unavailable } kind = Kind::unavailable;
    VerifyFailure failure = VerifyFailure::malformed;
};

Receiver::Receiver(const Parts& parts)
    : parts_{parts},
      seconds_{parts.metrics.histogram(
          {"postern_webhook_seconds", "From a webhook's last byte to its answer"},
          {0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5}
      )} {
    for (const Gateway* gateway : parts_.gateways.all()) {
        metrics_.emplace(gateway, std::make_unique<GatewayMetrics>(parts_.metrics, gateway->id));
    }
    for (std::size_t i = 0; i < parts_.io_threads; ++i) lanes_.push_back(std::make_unique<Lane>());
}

Receiver::~Receiver() = default;

GatewayMetrics& Receiver::metrics_of(const Gateway& gateway) {
    return *metrics_.find(&gateway)->second;
}

std::optional<HttpReply> Receiver::shed(std::string_view gateway_id) {
    const StoreState state = store_state_.load(std::memory_order_relaxed);
    if (state == StoreState::taking) return std::nullopt;
    const Gateway* gateway = parts_.gateways.find(gateway_id);
    if (gateway != nullptr) metrics_of(*gateway).shed.add();
    return try_again_reply(state == StoreState::busy ? kRetrySoonSeconds : kRetryLaterSeconds);
}

net::Task<HttpReply> Receiver::receive(
    std::string_view gateway_id,
    const HttpRequest& request,
    const TraceContext& trace,
    net::IoThread& thread
) {
    const Gateway* gateway = parts_.gateways.find(gateway_id);
    if (gateway == nullptr) co_return unknown_gateway_reply();
    if (gateway->state == Gateway::State::disabled) co_return disabled_gateway_reply();
    SignedRequest proof{
        .method = request.method,
        .path = request.path,
        .query = request.query,
        .fields = request.fields,
        .body = request.body,
        .received_at = parts_.clock.now()};
    if (request.method != "POST") {
        const bool reading = request.method == "GET" || request.method == "HEAD";
        if (!reading) proof.query = {};  // no challenge is asked with another method
        co_return challenge_reply(*gateway, proof);
    }
    const auto begun = std::chrono::steady_clock::now();
    metrics_of(*gateway).received.add();
    if (request.fields.value_or_empty(dispatch::kInstanceHeader) == parts_.instance_tag) {
        metrics_of(*gateway).looped.add();
        co_return own_delivery_reply();
    }
    std::shared_ptr<const verifiers::FetchedDocument> document;
    // A reload may put another in its place meanwhile; its secrets fit nothing of this request.
    const Provider& provider = *gateway->provider;
    if (const auto fetch = provider.fetch_needed(proof)) {
        document = co_await parts_.documents.get(*fetch, thread);
        if (is_unavailable(*document)) {
            metrics_of(*gateway).shed.add();
            co_return try_again_reply(kRetryLaterSeconds);
        }
        proof.fetched = document.get();
    }
    const Judgement judgement = co_await judge(provider, proof, thread);
    switch (judgement.kind) {
        case Judgement::Kind::proven: break;
        case Judgement::Kind::refused:
            co_return refuse(*gateway, proof, judgement.failure, request.peer_address, trace);
        case Judgement::Kind::unavailable:
            metrics_of(*gateway).shed.add();
            co_return try_again_reply(kRetrySoonSeconds);
    }
    const HttpReply reply = co_await store(*gateway, provider, proof, trace, thread);
    const auto taken = std::chrono::steady_clock::now() - begun;
    seconds_.observe(std::chrono::duration<double>(taken).count());
    co_return reply;
}

net::Task<Receiver::Judgement>
Receiver::judge(const Provider& provider, SignedRequest& request, net::IoThread& thread) {
    Result<Verified, VerifyFailure> verdict = VerifyFailure::malformed;
    if (provider.verify_cost() == verifiers::VerifyCost::long_enough_for_worker) {
        auto work = [&provider, &request, &verdict] {
            verdict = provider.verify(request);
        };
        const Offloaded offloaded = co_await offload(parts_.workers, thread, work);
        if (offloaded == Offloaded::shed) co_return Judgement{};
    } else {
        verdict = provider.verify(request);
    }
    if (verdict) co_return Judgement{.kind = Judgement::Kind::proven};
    co_return Judgement{.kind = Judgement::Kind::refused, .failure = verdict.error()};
}

HttpReply Receiver::refuse(
    const Gateway& gateway,
    const SignedRequest& request,
    VerifyFailure failure,
    std::string_view peer_address,
    const TraceContext& trace
) {
    if (!gateway.provider->is_probe(request)) {
        metrics_of(gateway).refused[static_cast<std::size_t>(failure)].add();
        gateway.watch.refused(RefusalRecord{
            .at = request.received_at,
            .failure = failure,
            .peer_address = std::string{peer_address},
            .field_names = field_names(request.fields),
            .body_sha256 = to_hex(sha256(request.body)),
            .body_bytes = request.body.size()});
        log::debug(
            "webhook.refused",
            {{"gateway", gateway.id},
             {"reason", to_text(failure)},
             {"trace_id", to_text(trace.trace).view()}}
        );
    }
    return refusal(gateway, failure);
}

net::Task<HttpReply> Receiver::store(
    const Gateway& gateway,
    const Provider& provider,
    const SignedRequest& request,
    const TraceContext& trace,
    net::IoThread& thread
) {
    gateway.watch.verified(request.received_at);
    metrics_of(gateway).verified.add();
    WebhookRecord record{
        .body = std::string{request.body},
        .headers = header_text(request.fields),
        .body_sha256 = sha256(request.body)};
    WebhookFacts facts{
        .account = gateway.account,
        .livemode = gateway.livemode,
        .gateway = gateway.number,
        .received_at = request.received_at,
        .trace = trace};
    const auto trace_id = to_text(trace.trace);
    auto normalised = provider.normalise(request);
    if (!normalised && normalised.error() == NormaliseFailure::undecryptable) {
        log::error(
            "webhook.undecryptable", {{"gateway", gateway.id}, {"trace_id", trace_id.view()}}
        );
        co_return try_again_reply(kRetryLaterSeconds);
    }
    if (!normalised) {
        facts.verdict = Verdict::malformed;
        record.reason = "malformed";
        log::warn("webhook.malformed", {{"gateway", gateway.id}, {"trace_id", trace_id.view()}});
    } else {
        record.events = std::move(normalised->events);
        record.objects.resize(record.events.size());
        facts.verdict = Verdict::unrecognised;
        for (std::size_t i = 0; i < record.events.size(); ++i) {
            if (!record.events[i].unified) continue;
            facts.verdict = Verdict::verified;
            append_event_object(record.objects[i], *record.events[i].unified, gateway.id);
        }
    }
    auto unit = std::make_unique<ReceivedWebhook>(std::move(record), facts, thread);
    co_return co_await commit(gateway, request, std::move(unit), thread);
}

net::Task<HttpReply> Receiver::commit(
    const Gateway& gateway,
    const SignedRequest& request,
    std::unique_ptr<ReceivedWebhook> unit,
    net::IoThread& thread
) {
    std::vector<ReceivedWebhook*>& in_flight = lanes_[thread.index()]->in_flight;
    ReceivedWebhook* waiting = unit.get();
    auto submitted = Submitted::queued;
    auto start = [this, waiting, &thread, &submitted] {
        submitted = parts_.store.writer.submit(*waiting);
        if (submitted != Submitted::queued) thread.mailbox().drop(*waiting);
    };
    const TraceContext trace = unit->request().trace.value_or(TraceContext{});
    const bool wanted = is_wanted(parts_.spans, trace);
    const TimePoint submitted_at = wanted ? parts_.clock.now() : TimePoint{};
    in_flight.push_back(waiting);
    co_await net::sleep_until_woken(waiting->sleeper(), start);
    in_flight.erase(std::find(in_flight.begin(), in_flight.end(), waiting));
    if (wanted) tell_commit(trace, submitted_at, *waiting);
    if (waiting->is_given_up()) {
        // Its letter is still under way, whoever writes it, so the unit must outlive this request.
        // The disk is slow. The commit may still happen; the provider's retry is then a duplicate.
        metrics_of(gateway).shed.add();
        ReceivedWebhook::abandon(std::move(unit));
        co_return try_again_reply(kRetrySoonSeconds);
    }
    if (submitted != Submitted::queued) {
        metrics_of(gateway).shed.add();
        const bool busy = submitted == Submitted::overloaded;
        co_return try_again_reply(busy ? kRetrySoonSeconds : kRetryLaterSeconds);
    }
    const WriteResult& result = *waiting->result();
    if (!result) {
        metrics_of(gateway).shed.add();
        co_return reply_for(result.error());
    }
    count_stored(gateway, *waiting);
    co_return acknowledgement(*result, gateway, request);
}

void Receiver::tell_commit(
    const TraceContext& trace,
    TimePoint submitted_at,
    const ReceivedWebhook& unit
) {
    const bool committed = !unit.is_given_up() && unit.result() && *unit.result();
    parts_.spans->take(
        {.context = child_of(trace),
         .parent = trace.span,
         .name = "webhook.commit",
         .started_at = submitted_at,
         .ended_at = parts_.clock.now(),
         .outcome = committed ? Span::Outcome::unsaid : Span::Outcome::failed}
    );
}

void Receiver::count_stored(const Gateway& gateway, const ReceivedWebhook& unit) {
    GatewayMetrics& metrics = metrics_of(gateway);
    const storage::IngestOutcome& outcome = unit.outcome();
    switch (outcome.kind) {
        case storage::IngestKind::duplicate:
            metrics.duplicates.add();
            gateway.watch.duplicate();
            return;
        case storage::IngestKind::second_version: metrics.second_versions.add(); return;
        case storage::IngestKind::stored: break;
    }
    const auto made = std::count_if(
        outcome.event_ids.begin(), outcome.event_ids.end(), [](EventId id) { return id.value != 0; }
    );
    const auto told_before = std::count_if(
        outcome.turns.begin(),
        outcome.turns.end(),
        [](const storage::EventTurn& turn) {
            return turn.fate == storage::EventTurn::Fate::told_before;
        }
    );
    if (made > told_before) metrics.events.add(static_cast<double>(made - told_before));
    if (unit.request().verdict == Verdict::malformed) metrics.malformed.add();
    if (unit.request().verdict == Verdict::unrecognised) {
        metrics.unrecognised.add();
        gateway.watch.unrecognised();
    }
}

void Receiver::tick(net::IoThread& thread) {
    const storage::WriterStatus status = parts_.store.writer.status();
    StoreState state = StoreState::taking;
    if (status.oldest_hot_waiting > parts_.limits.queue_age_max) state = StoreState::busy;
    if (parts_.store.database.poison().is_set() || status.room == storage::Room::low) {
        state = StoreState::unavailable;
    }
    store_state_.store(state, std::memory_order_relaxed);
    // Waking resumes the coroutine, which changes the list: choose first, then wake.
    const auto late = std::chrono::steady_clock::now() - parts_.limits.commit_wait;
    std::vector<ReceivedWebhook*> overdue;
    for (ReceivedWebhook* unit : lanes_[thread.index()]->in_flight) {
        if (unit->since() < late && !unit->result()) overdue.push_back(unit);
    }
    for (ReceivedWebhook* unit : overdue) unit->give_up_waiting();
}

}  // namespace postern::daemon

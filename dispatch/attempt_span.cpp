#include "dispatch/attempt_span.hpp"

namespace postern::dispatch {

using storage::AttemptError;

namespace {

// A trace that is named after the event has no span above its attempts: nothing is its parent.
SpanId parent_of(const AttemptSpan& attempt) {
    const TraceContext& told = attempt.event.trace;
    const TraceContext named = trace_named_by(attempt.ids.encode(attempt.event.id));
    return told.trace == named.trace ? SpanId{} : told.span;
}

}  // namespace

Span span_of_attempt(const AttemptSpan& attempt) {
    const AttemptResult& result = attempt.result;
    const IdCodec& ids = attempt.ids;
    const storage::AttemptPhases& phases = result.phases;
    Span span{
        .context = result.trace,
        .parent = parent_of(attempt),
        .kind = Span::Kind::client,
        .name = "webhook.attempt",
        .started_at = result.started_at,
        .ended_at = result.started_at + phases.total,
        .attributes = {
            {"http.request.method", std::string{"POST"}},
            {"postern.delivery.id", ids.encode(attempt.item.delivery)},
            {"postern.endpoint.id", ids.encode(attempt.item.endpoint)},
            {"postern.event.id", ids.encode(attempt.event.id)},
            {"postern.event.type", attempt.event.type},
            {"postern.attempt", attempt.item.progress.attempts + 1},
            {"postern.dns_us", std::int64_t{phases.dns.count()}},
            {"postern.connect_us", std::int64_t{phases.connect.count()}},
            {"postern.tls_us", std::int64_t{phases.tls.count()}},
            {"postern.first_byte_us", std::int64_t{phases.first_byte.count()}}}};
    if (result.status != 0) {
        span.attributes.push_back({"http.response.status_code", std::int64_t{result.status}});
    }
    if (!result.address.empty()) {
        span.attributes.push_back({"network.peer.address", result.address});
    }
    if (result.error != AttemptError::none) {
        span.outcome = Span::Outcome::failed;
        span.attributes.push_back({"error.type", std::string{storage::to_text(result.error)}});
    }
    return span;
}

}  // namespace postern::dispatch

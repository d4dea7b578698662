#include "dispatch/attempt_span.hpp"

#include <gtest/gtest.h>

namespace postern::dispatch {
namespace {

const IdCodec kIds{SipKey{1, 2}};

struct Attempt {
    DueItem item;
    EventContent event;
    AttemptResult result;

    Span span() const { return span_of_attempt({item, event, result, kIds}); }
};

Attempt an_attempt() {
    Attempt attempt;
    attempt.item.delivery = DeliveryId{7};
    attempt.item.endpoint = EndpointId{8};
    attempt.item.progress.attempts = 2;
    attempt.event.id = EventId{9};
    attempt.event.type = "payment.succeeded";
    attempt.event.trace = begin_trace();
    attempt.result.trace = child_of(attempt.event.trace);
    attempt.result.started_at = from_unix_seconds(1'700'000'000);
    attempt.result.phases.total = std::chrono::milliseconds{12};
    attempt.result.status = 200;
    return attempt;
}

// As text, whatever it is; "-" where there is none.
std::string text_of(const Span& span, std::string_view name) {
    for (const SpanAttribute& attribute : span.attributes) {
        if (attribute.name != name) continue;
        const auto* number = std::get_if<std::int64_t>(&attribute.value);
        return number ? std::to_string(*number) : std::get<std::string>(attribute.value);
    }
    return "-";
}

TEST(AttemptSpan, IsAChildOfTheEventsTrace) {
    const Attempt attempt = an_attempt();
    const Span span = attempt.span();
    EXPECT_EQ(span.context, attempt.result.trace);
    EXPECT_EQ(span.parent, attempt.event.trace.span);
    EXPECT_EQ(span.kind, Span::Kind::client);
    EXPECT_EQ(span.ended_at - span.started_at, std::chrono::milliseconds{12});
}

TEST(AttemptSpan, HasNoParentInATraceThatIsNamedAfterTheEvent) {
    Attempt attempt = an_attempt();
    attempt.event.trace = trace_named_by(kIds.encode(attempt.event.id));
    attempt.result.trace = child_of(attempt.event.trace);
    EXPECT_EQ(attempt.span().context.trace, attempt.event.trace.trace);
    EXPECT_EQ(attempt.span().parent, SpanId{});
}

TEST(AttemptSpan, NamesWhatWasDelivered) {
    const Span span = an_attempt().span();
    EXPECT_EQ(span.outcome, Span::Outcome::unsaid);
    EXPECT_EQ(text_of(span, "postern.delivery.id"), kIds.encode(DeliveryId{7}));
    EXPECT_EQ(text_of(span, "postern.endpoint.id"), kIds.encode(EndpointId{8}));
    EXPECT_EQ(text_of(span, "postern.event.id"), kIds.encode(EventId{9}));
    EXPECT_EQ(text_of(span, "postern.event.type"), "payment.succeeded");
    EXPECT_EQ(text_of(span, "postern.attempt"), "3");
    EXPECT_EQ(text_of(span, "http.response.status_code"), "200");
    EXPECT_EQ(text_of(span, "error.type"), "-");
}

TEST(AttemptSpan, SaysWhatWentWrong) {
    Attempt attempt = an_attempt();
    attempt.result.status = 0;
    attempt.result.error = storage::AttemptError::timeout;
    const Span span = attempt.span();
    EXPECT_EQ(span.outcome, Span::Outcome::failed);
    EXPECT_EQ(text_of(span, "error.type"), storage::to_text(storage::AttemptError::timeout));
    EXPECT_EQ(text_of(span, "http.response.status_code"), "-");
}

}  // namespace
}  // namespace postern::dispatch

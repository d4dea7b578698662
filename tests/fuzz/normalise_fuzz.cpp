#include "core/json_document.hpp"
#include "core/json_writer.hpp"
#include "core/money.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/fuzz/webhook_input.hpp"

using postern::ProviderEvent;

namespace {

// Whatever a provider says goes into our JSON, so it must be text that JSON can hold.
void check(const ProviderEvent& event) {
    if (!event.unified) return;
    const auto& unified = *event.unified;
    if (!unified.amount.empty()) {
        POSTERN_ASSERT(postern::decimal_amount(unified.amount, unified.currency).has_value());
    }
    std::string text;
    postern::JsonWriter writer{text};
    writer.begin_array();
    for (const std::string& part :
         {event.id,
          event.type,
          unified.gateway_payment_id,
          unified.gateway_refund_id,
          unified.gateway_dispute_id,
          unified.gateway_payout_id,
          unified.merchant_reference,
          unified.amount,
          unified.currency,
          unified.reason,
          unified.outcome,
          unified.occurred_at}) {
        writer.string(part);
    }
    writer.end_array();
    POSTERN_ASSERT(postern::JsonDocument::parse(text).has_value());
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = postern::fuzz::read_webhook_input(postern::fuzz_text(data, size));
    if (!input) return 0;
    const auto request = input->request();
    const auto normalised = input->provider->normalise(request);
    if (!normalised) return 0;
    for (const ProviderEvent& event : normalised->events) check(event);
    input->provider->acknowledgement(request);
    return 0;
}

#pragma once

#include "payments/dialects/onerway/fields.hpp"
#include "payments/dialects/onerway/incoming.hpp"
#include "payments/dialects/onerway/method_input.hpp"
#include "payments/service/payment_service.hpp"

#include <memory>
#include <optional>

namespace postern::payments::onerway {

// How the method came in, for what is said about it when it declines.
enum class MethodCame { by_id, inline_data };

struct PaymentCreation {
    std::shared_ptr<const PaymentDraft> draft;
    ThenConfirm then = ThenConfirm::no;
    MethodCame method = MethodCame::by_id;
};
PaymentCreation read_payment_creation(Incoming& in);

// An update, or what a confirmation changes on its way. Amount and currency may come one by one,
// so the payment is asked for the other.
struct PaymentChange {
    PaymentEdit edit;
    std::optional<std::int64_t> minor;
    std::optional<Currency> currency;
    MetadataChange metadata;
    MethodCame method = MethodCame::by_id;

    bool needs_payment() const { return minor || currency || !metadata.is_empty(); }
    // Completes the edit from the payment as it stands, or says why it cannot be.
    std::optional<Refusal> complete(PaymentEdit& completed, const Payment& payment) const;
};
PaymentChange read_payment_update(Incoming& in);

struct PaymentConfirmation {
    PaymentChange change;
    std::string client_secret;
};
// A publishable key may say how its customer pays and nothing else.
PaymentConfirmation read_payment_confirmation(Incoming& in);

}  // namespace postern::payments::onerway

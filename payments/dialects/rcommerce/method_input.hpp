#pragma once

#include "core/json_document.hpp"
#include "payments/dialects/rcommerce/errors.hpp"
#include "payments/service/payment_service.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace postern::payments::rcommerce {

// What a body says to pay with: something new, tokenised here and now so that no card number goes
// any further, or the token of something saved.
struct MethodInput {
    std::optional<NewMethod> fresh;
    std::optional<PaymentMethodId> saved;
};
struct MethodSource {
    std::string_view field;                   // of the body, for complaints: "payment_method"
    const PaymentGateway* gateway = nullptr;  // it must take such a method; null: any may
    enum class Number { forget, keep } number = Number::forget;  // for the vault, if there is one
};
Result<MethodInput, Fault>
read_method(const Call& call, JsonValue value, const MethodSource& source);

// "pm_<uuid>", its alias "card_<uuid>", or a ready-made test method such as "pm_card_visa".
// A live key knows no ready-made ones.
std::optional<MethodInput> read_token(const Call& call, std::string_view token);

// Overwrites what a vault would have kept.
void wipe_number(std::optional<NewMethod>& method);

}  // namespace postern::payments::rcommerce

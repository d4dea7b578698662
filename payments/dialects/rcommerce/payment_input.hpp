#pragma once

#include "payments/dialects/rcommerce/body.hpp"
#include "payments/dialects/rcommerce/method_input.hpp"
#include "payments/dialects/rcommerce/payment_answer.hpp"
#include "payments/service/payment_service.hpp"

#include <memory>
#include <optional>
#include <string>

namespace postern::payments::rcommerce {

// A payment as a body asks for it. What only the store can tell is resolved in the transaction.
struct PaymentInput {
    PaymentInput() = default;
    PaymentInput(const PaymentInput&) = delete;
    PaymentInput& operator=(const PaymentInput&) = delete;
    ~PaymentInput() { wipe_number(draft.new_method); }

    PaymentDraft draft;
    std::string customer;  // as it was spelled; empty: none
    Form form = Form::object;
    ThenConfirm then = ThenConfirm::no;
    std::string idempotency_key;
};

// Complaints are left with the body.
std::shared_ptr<const PaymentInput> read_payment_input(const Call& call, Body& body);
std::shared_ptr<const PaymentInput> read_intent_input(const Call& call, Body& body);

Done<FullPayment> carry_out(Work& work, const PaymentInput& input);

// What a confirmation brings with it.
struct ConfirmationInput {
    ConfirmationInput() = default;
    ConfirmationInput(const ConfirmationInput&) = delete;
    ConfirmationInput& operator=(const ConfirmationInput&) = delete;
    ~ConfirmationInput() { wipe_number(confirmation.edit.new_method); }

    Confirmation confirmation;
};
std::shared_ptr<const ConfirmationInput> read_confirmation(const Call& call, Body& body);

}  // namespace postern::payments::rcommerce

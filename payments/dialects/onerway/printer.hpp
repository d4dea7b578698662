#pragma once

#include "payments/dialects/onerway/expand.hpp"
#include "payments/domain/customer.hpp"
#include "payments/domain/dispute.hpp"
#include "payments/domain/payout.hpp"
#include "payments/domain/refund.hpp"
#include "payments/ledger/ledger.hpp"
#include "payments/views/stripe_objects.hpp"
#include "payments/work.hpp"

#include <optional>
#include <string>

namespace postern::payments::onerway {

using Json = Result<std::string, StoreError>;

// Writes objects, and in them whole what was asked to be expanded, read from the books.
class Printer {
 public:
    explicit Printer(const Books& books) : books_{books} {}

    Json print(const Payment& payment, const ExpandTree& expand = {}) const;
    // As a publishable key may see it: of what lies behind, the payment method alone.
    Json print_public(const Payment& payment, const ExpandTree& expand = {}) const;
    Json print(const Charge& charge, const ExpandTree& expand = {}) const;
    Json print(const Refund& refund, const ExpandTree& expand = {}) const;
    Json print(const Dispute& dispute, const ExpandTree& expand = {}) const;
    Json print(const Customer& customer, const ExpandTree& expand = {}) const;
    Json print(const PaymentMethod& method, const ExpandTree& expand = {}) const;
    Json print(const Payout& payout, const ExpandTree& expand = {}) const;
    Json print(const Transfer& transfer, const ExpandTree& expand = {}) const;
    Json print(const TransferReversal& reversal, const ExpandTree& expand = {}) const;
    Json print(const BalanceTransaction& line, const ExpandTree& expand = {}) const;

    // The method that the last try failed with; empty: there is none, or none any more.
    Json failed_method_of(const Payment& payment) const;

 private:
    const Books& books_;
};

}  // namespace postern::payments::onerway

#pragma once

#include "core/json_writer.hpp"
#include "payments/domain/customer.hpp"
#include "payments/domain/dispute.hpp"
#include "payments/domain/payout.hpp"
#include "payments/domain/refund.hpp"
#include "payments/ledger/ledger.hpp"
#include "payments/service/payment_service.hpp"
#include "payments/work.hpp"

#include <span>
#include <string>
#include <utility>
#include <vector>

// The objects of the /v1 dialect, every key of API.md's tables present. Used for answers and for
// the snapshots in events.
namespace postern::payments {

// Which references of an object are written out whole: "customer", "latest_charge". The reader of
// `expand` has loaded what they name; a name that is not here is written as an id.
struct Expanded {
    // dotted path → the object's JSON
    std::vector<std::pair<std::string, std::string>> objects = {};
    std::string_view find(std::string_view path) const;  // empty: not expanded
};

// Under this name the method that the last try failed with, which last_payment_error has whole.
inline constexpr std::string_view kFailedMethod = "last_payment_error.payment_method";
// Under this name the line that gave back the money of a refund that failed: its id as JSON, or
// the line itself. Other refunds have none.
inline constexpr std::string_view kFailureLine = "failure_balance_transaction";
void append_payment_intent(
    JsonWriter& writer,
    const Surroundings& around,
    const Payment& payment,
    const Expanded& expanded = {}
);
// As a publishable key may see it.
void append_public_payment_intent(
    JsonWriter& writer,
    const Surroundings& around,
    const Payment& payment,
    const Expanded& expanded = {}
);
// "pi_…_secret_…"
std::string client_secret_of(const IdCodec& ids, const Payment& payment);
void append_charge(
    JsonWriter& writer,
    const Surroundings& around,
    const Charge& charge,
    const Payment& payment,
    const Expanded& expanded = {}
);
// Of a charge that was captured: a page that says what was paid. Empty for the others.
std::string receipt_url_of(const Surroundings& around, const Charge& charge);
// Failed or canceled: its money is the merchant's again.
bool gave_back(const Refund& refund);
// Whose it is and what it goes back to, its charge says; nullptr: that is not there.
void append_refund(
    JsonWriter& writer,
    const Surroundings& around,
    const Refund& refund,
    const Charge* charge,
    const Expanded& expanded = {}
);
struct ShownDispute {
    const Dispute& dispute;
    std::span<const BalanceTransaction> lines = {};
    TimePoint now = {};  // of the answer or the event that shows it
};
void append_dispute(
    JsonWriter& writer,
    const Surroundings& around,
    const ShownDispute& shown,
    const Expanded& expanded = {}
);
void append_customer(
    JsonWriter& writer,
    const Surroundings& around,
    const Customer& customer,
    const Expanded& expanded = {}
);
void append_payment_method(
    JsonWriter& writer,
    const Surroundings& around,
    const PaymentMethod& method,
    const Expanded& expanded = {}
);
void append_payout(
    JsonWriter& writer,
    const Surroundings& around,
    const Payout& payout,
    const Expanded& expanded = {}
);
void append_transfer(
    JsonWriter& writer,
    const Surroundings& around,
    const Transfer& transfer,
    std::span<const TransferReversal> reversals,
    const Expanded& expanded = {}
);
void append_reversal(
    JsonWriter& writer,
    const Surroundings& around,
    const TransferReversal& reversal,
    const Expanded& expanded = {}
);
void append_balance_transaction(
    JsonWriter& writer,
    const Surroundings& around,
    const BalanceTransaction& line,
    const Expanded& expanded = {}
);
void append_balance(
    JsonWriter& writer,
    std::span<const CurrencyBalance> balances,
    storage::Livemode livemode
);

}  // namespace postern::payments

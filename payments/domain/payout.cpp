#include "payments/domain/payout.hpp"

namespace postern::payments {
namespace {

// What is not here is either the same again or too late. A bank may send back what it had taken,
// so paid is not the last word; failed and canceled are.
bool is_forward(PayoutStatus from, PayoutStatus to) {
    switch (from) {
        case PayoutStatus::pending: return to != PayoutStatus::pending;
        case PayoutStatus::in_transit:
            return to == PayoutStatus::paid || to == PayoutStatus::failed;
        case PayoutStatus::paid: return to == PayoutStatus::failed;
        case PayoutStatus::failed:
        case PayoutStatus::canceled: return false;
    }
    return false;
}

}  // namespace

std::string_view to_text(PayoutStatus status) {
    switch (status) {
        case PayoutStatus::pending: return "pending";
        case PayoutStatus::in_transit: return "in_transit";
        case PayoutStatus::paid: return "paid";
        case PayoutStatus::failed: return "failed";
        case PayoutStatus::canceled: return "canceled";
    }
    return "";
}

std::optional<PayoutStatus> payout_status_from_text(std::string_view text) {
    for (const PayoutStatus status :
         {PayoutStatus::pending,
          PayoutStatus::in_transit,
          PayoutStatus::paid,
          PayoutStatus::failed,
          PayoutStatus::canceled}) {
        if (to_text(status) == text) return status;
    }
    return std::nullopt;
}

Effect apply(Payout& payout, const PayoutFact& fact, TimePoint now) {
    if (payout.status == fact.status) return Effect::already;
    if (!is_forward(payout.status, fact.status)) return Effect::stale;
    payout.status = fact.status;
    if (fact.status == PayoutStatus::failed) payout.failure_code = fact.failure_code;
    payout.updated_at = now;
    return Effect::moved;
}

bool may_cancel(const Payout& payout) {
    return payout.status == PayoutStatus::pending;
}

}  // namespace postern::payments

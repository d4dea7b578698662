#include "payments/gateways/sandbox/sandbox_kind.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace postern::payments {
namespace {

struct KindName {
    std::string_view name;
    SandboxKind kind;
};
constexpr std::array kKindNames = {
    KindName{"stripe", SandboxKind::stripe},
    KindName{"airwallex", SandboxKind::airwallex},
    KindName{"wechatpay", SandboxKind::wechatpay},
    KindName{"alipay", SandboxKind::alipay},
    KindName{"onerway", SandboxKind::onerway},
};

// Every type but the end of an action, which is ours alone to see.
constexpr std::array kUnsaidByCardGateways = {EventType::payment_action_completed};
constexpr std::array kUnsaidByOnerway = {
    EventType::payment_created,
    EventType::payment_action_completed,
    EventType::payout_created,
    EventType::payout_paid,
    EventType::payout_failed};
constexpr std::array kUnsaidByWechatpay = {
    EventType::payment_created,
    EventType::payment_captured,
    EventType::payment_canceled,
    EventType::payment_requires_action,
    EventType::payment_action_completed,
    EventType::refund_created,
    EventType::dispute_closed,
    EventType::payout_created};
constexpr std::array kUnsaidByAlipay = {
    EventType::payment_failed,
    EventType::payment_captured,
    EventType::payment_requires_action,
    EventType::payment_action_completed,
    EventType::refund_created,
    EventType::dispute_created,
    EventType::dispute_updated,
    EventType::dispute_closed,
    EventType::payout_created};

std::span<const EventType> unsaid_by(SandboxKind kind) {
    switch (kind) {
        case SandboxKind::stripe:
        case SandboxKind::airwallex: return kUnsaidByCardGateways;
        case SandboxKind::wechatpay: return kUnsaidByWechatpay;
        case SandboxKind::alipay: return kUnsaidByAlipay;
        case SandboxKind::onerway: return kUnsaidByOnerway;
    }
    return {};
}

}  // namespace

std::optional<SandboxKind> sandbox_kind_of(std::string_view kind) {
    for (const KindName& row : kKindNames) {
        if (row.name == kind) return row.kind;
    }
    return std::nullopt;
}

std::string_view display_name_of(SandboxKind kind) {
    switch (kind) {
        case SandboxKind::stripe: return "Stripe";
        case SandboxKind::airwallex: return "Airwallex";
        case SandboxKind::wechatpay: return "WeChat Pay";
        case SandboxKind::alipay: return "Alipay";
        case SandboxKind::onerway: return "Onerway";
    }
    return {};
}

// Stripe counts ariary whole, though ISO 4217 gives them two places.
std::int64_t step_minor_of(SandboxKind kind, const Currency& currency) {
    return kind == SandboxKind::stripe && currency.lower() == "mga" ? 100 : 1;
}

bool can_say(SandboxKind kind, EventType type) {
    const auto unsaid = unsaid_by(kind);
    return std::find(unsaid.begin(), unsaid.end(), type) == unsaid.end();
}

}  // namespace postern::payments

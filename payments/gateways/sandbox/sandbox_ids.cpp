#include "payments/gateways/sandbox/sandbox_ids.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"

namespace postern::payments {
namespace {

constexpr std::size_t kDigestCharacters = 32;
constexpr std::string_view kDecimalDigits = "0123456789";
constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuvwxyz";

// Two bytes make one character, so that no character is visibly likelier than another.
std::string characters_of(std::string_view seed, std::size_t count, std::string_view alphabet) {
    const std::string bytes = hash(HashAlgorithm::sha512, {seed});
    std::string text;
    for (std::size_t i = 0; text.size() < count; i += 2) {
        const unsigned high = static_cast<unsigned char>(bytes[i]);
        const unsigned low = static_cast<unsigned char>(bytes[i + 1]);
        text += alphabet[(high << 8U | low) % alphabet.size()];
    }
    return text;
}

std::string styled(std::string_view prefix, std::string_view seed, std::size_t digits) {
    std::string id{prefix};
    id += characters_of(seed, digits, kDecimalDigits);
    return id;
}

std::string lettered(std::string_view prefix, std::string_view seed) {
    constexpr std::size_t letters = 20;
    std::string id{prefix};
    id += characters_of(seed, letters, kLetters);
    return id;
}

// A UUID of the version that random ones have.
std::string uuid_of(std::string_view seed) {
    std::string text = to_hex(sha256(seed)).substr(0, 32);
    text[12] = '4';
    text[16] = 'a';
    for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, 1, '-');
    return text;
}

// "20260128"
std::string day_of(TimePoint at) {
    const std::string text = to_iso8601(at);
    std::string day = text.substr(0, 4);
    day += text.substr(5, 2);
    day += text.substr(8, 2);
    return day;
}

}  // namespace

std::string SandboxIds::payment(const Payment& payment) const {
    if (!payment.gateway_payment_id.empty()) return payment.gateway_payment_id;
    const std::string seed = ids_.encode(payment.id);
    switch (kind_) {
        case SandboxKind::stripe: return stripe_id(ids_, payment.id);
        case SandboxKind::airwallex: return lettered("int_hkst", seed);
        case SandboxKind::wechatpay: return styled("4200", seed, 24);
        case SandboxKind::alipay: return styled(day_of(payment.created_at) + "22", seed, 18);
        case SandboxKind::onerway: return styled("1", seed, 18);
    }
    return {};
}

std::string SandboxIds::charge(const Payment& payment) const {
    if (kind_ == SandboxKind::stripe && payment.latest_charge) {
        return stripe_id(ids_, *payment.latest_charge);
    }
    if (kind_ == SandboxKind::airwallex) return lettered("att_hkst", ids_.encode(payment.id));
    return this->payment(payment);
}

std::string SandboxIds::refund(const Refund& refund) const {
    if (!refund.gateway_refund_id.empty()) return refund.gateway_refund_id;
    const std::string seed = ids_.encode(refund.id);
    switch (kind_) {
        case SandboxKind::stripe: return stripe_id(ids_, refund.id);
        case SandboxKind::airwallex: return lettered("rfd_hkst", seed);
        case SandboxKind::wechatpay: return styled("50", seed, 26);
        case SandboxKind::alipay: return lettered("RFD", seed);  // the merchant's own number
        case SandboxKind::onerway: return styled("1", seed, 18);
    }
    return {};
}

std::string SandboxIds::payout(const Payout& payout) const {
    if (!payout.gateway_payout_id.empty()) return payout.gateway_payout_id;
    const std::string seed = ids_.encode(payout.id);
    switch (kind_) {
        case SandboxKind::stripe: return stripe_id(ids_, payout.id);
        case SandboxKind::airwallex: return uuid_of(seed);
        case SandboxKind::wechatpay: return styled("1330", seed, 24);
        case SandboxKind::alipay: return styled(day_of(payout.created_at) + "11", seed, 18);
        case SandboxKind::onerway: return styled("1", seed, 18);
    }
    return {};
}

std::string SandboxIds::dispute(const Payment& payment, std::int64_t number) const {
    std::string seed{"dispute "};
    seed += ids_.encode(payment.id);
    seed += std::to_string(number);
    switch (kind_) {
        case SandboxKind::stripe: return lettered("dp_1", seed);
        case SandboxKind::airwallex: return lettered("dst_hkst", seed);
        case SandboxKind::wechatpay: return styled("2002", seed, 24);
        case SandboxKind::alipay: return styled("2088", seed, 24);
        case SandboxKind::onerway: return styled("1", seed, 18);
    }
    return {};
}

std::string sandbox_digest(std::initializer_list<std::string_view> parts) {
    std::string whole;
    for (const std::string_view part : parts) {
        whole += part;
        whole += '\0';
    }
    return to_hex(sha256(whole)).substr(0, kDigestCharacters);
}

}  // namespace postern::payments

#include "payments/records/payment_records.hpp"

#include <array>

namespace postern::payments {
namespace {

constexpr std::array<std::string_view, kFaceStatusCount> kTexts = {
    "pending",
    "processing",
    "succeeded",
    "failed",
    "canceled",
    "refunded",
};

// A refund that is under way may still fail.
bool is_refunded(const Payment& payment) {
    const std::int64_t returned = payment.refunded_minor - payment.refunding_minor;
    return payment.received_minor > 0 && returned >= payment.received_minor;
}

}  // namespace

FaceStatus face_status_of(const Payment& payment) {
    switch (payment.status) {
        case PaymentStatus::requires_payment_method:
            return has_failed(payment) ? FaceStatus::failed : FaceStatus::pending;
        case PaymentStatus::requires_confirmation:
        case PaymentStatus::requires_action: return FaceStatus::pending;
        case PaymentStatus::processing:
        case PaymentStatus::requires_capture: return FaceStatus::processing;
        case PaymentStatus::succeeded:
            return is_refunded(payment) ? FaceStatus::refunded : FaceStatus::succeeded;
        case PaymentStatus::canceled: return FaceStatus::canceled;
    }
    return FaceStatus::pending;
}

std::string_view to_text(FaceStatus status) {
    return kTexts.at(static_cast<std::size_t>(status));
}

std::optional<FaceStatus> face_status_from_text(std::string_view text) {
    for (std::size_t i = 0; i < kTexts.size(); ++i)
        if (kTexts[i] == text) return static_cast<FaceStatus>(i);
    return std::nullopt;
}

}  // namespace postern::payments

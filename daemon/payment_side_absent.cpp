#include "core/log.hpp"
#include "daemon/payment_side.hpp"

namespace postern::daemon {

std::unique_ptr<PaymentSide>
PaymentSide::make(const Parts& parts, const std::vector<ResolvedGateway>&) {
    if (parts.config.payments.enabled) {
        log::info("payments.absent", {{"why", "this program was built without the payment API"}});
    }
    return nullptr;
}

std::optional<Complaint>
PaymentSide::complaint_about_default(const config::Payments&, std::span<const config::Gateway>) {
    return std::nullopt;
}

}  // namespace postern::daemon

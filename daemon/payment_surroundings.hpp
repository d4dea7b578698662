#pragma once

#include "config/config.hpp"
#include "daemon/gateways.hpp"
#include "daemon/secret_box.hpp"
#include "payments/card_desk.hpp"
#include "payments/work.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace postern::daemon {

// What the payment API works with, for each owner: the gateways that may move this owner's money.
// Those of the platform serve everybody, an account's own nobody else, and a sandbox never serves
// live mode.
class PaymentSurroundings {
 public:
    struct Parts {
        const config::Config& config;
        const GatewayDirectory& gateways;
        const SecretBox& secrets;
        IdCodec ids;
        std::string public_url;  // of our own pages; no slash at the end
    };
    explicit PaymentSurroundings(const Parts& parts);

    const payments::Surroundings& of(payments::Owner owner) const;
    // With every gateway: for what is about payments that are there already.
    const payments::Surroundings& everything() const { return everything_->surroundings; }

 private:
    struct Set {
        Set(const Parts& parts, payments::GatewayBook gateways, const payments::CardDesk& cards);
        payments::GatewayBook book;
        payments::Surroundings surroundings;
    };
    std::unique_ptr<Set>
    set_of(const Parts& parts, const std::vector<payments::PaymentGateway>& gateways) const;

    payments::CardDesk cards_;
    std::unique_ptr<Set> everything_;
    std::map<storage::Livemode, std::unique_ptr<Set>> of_platform_;
    std::map<payments::Owner, std::unique_ptr<Set>> of_account_;
};

}  // namespace postern::daemon

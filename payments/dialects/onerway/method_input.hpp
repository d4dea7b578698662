#pragma once

#include "payments/dialects/onerway/incoming.hpp"
#include "payments/service/payment_service.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::payments::onerway {

// A method as it comes in: type, card{…}, us_bank_account{…}, billing_details{…}, metadata. The
// card is tokenised here and now, so that its number goes no further. `table` is where it stands:
// "payment_method_data", or empty for a request that is about nothing else.
std::optional<NewMethod> read_new_method(Incoming& in, std::string_view table);

// What a parameter names to pay with: an id, or a ready-made test method such as "pm_card_visa".
struct NamedMethod {
    std::optional<PaymentMethodId> id;
    std::optional<NewMethod> ready_made;
};
// Live keys know no ready-made ones.
std::optional<NamedMethod> name_method(const Call& call, std::string_view text);
NamedMethod read_named_method(Incoming& in, std::string_view parameter);

// Types by Stripe's names, as the domain spells them; the empty list means whatever is possible.
std::optional<std::vector<std::string>> read_method_types(Parameters& parameters);
std::optional<MethodType> read_method_type(Parameters& parameters, std::string_view name);

// Owns what may hold a card number for the vault, and wipes it when it goes.
template <class Draft>
std::shared_ptr<const Draft> keep_until_done(Draft draft) {
    const auto wipe = [](Draft* kept) {
        if (kept->new_method) forget(kept->new_method->number);
        delete kept;
    };
    return std::shared_ptr<Draft>(new Draft(std::move(draft)), wipe);
}

}  // namespace postern::payments::onerway

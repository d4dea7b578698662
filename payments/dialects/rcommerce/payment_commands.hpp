#pragma once

#include "payments/dialects/rcommerce/payment_answer.hpp"

// Commands that payments and intents have in common.
namespace postern::payments::rcommerce {

Plan capture_plan(const Call& call, Form form);
Plan cancel_plan(const Call& call, Form form);

}  // namespace postern::payments::rcommerce

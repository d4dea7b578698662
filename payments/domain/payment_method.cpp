#include "payments/domain/payment_method.hpp"

namespace postern::payments {

std::string_view to_text(MethodType type) {
    switch (type) {
        case MethodType::card: return "card";
        case MethodType::us_bank_account: return "us_bank_account";
        case MethodType::wechat_pay: return "wechat_pay";
        case MethodType::alipay: return "alipay";
        case MethodType::bank_transfer: return "bank_transfer";
    }
    return "";
}

std::optional<MethodType> method_type_from_text(std::string_view text) {
    for (const MethodType type :
         {MethodType::card,
          MethodType::us_bank_account,
          MethodType::wechat_pay,
          MethodType::alipay,
          MethodType::bank_transfer}) {
        if (to_text(type) == text) return type;
    }
    return std::nullopt;
}

}  // namespace postern::payments

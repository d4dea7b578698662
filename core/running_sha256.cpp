#include "core/running_sha256.hpp"

#include "core/assert.hpp"

#include <openssl/evp.h>

namespace postern {
namespace {

constexpr std::size_t kDigestBytes = 32;

struct ContextFree {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

}  // namespace

struct RunningSha256::State {
    std::unique_ptr<EVP_MD_CTX, ContextFree> context{EVP_MD_CTX_new()};
};

RunningSha256::RunningSha256() : state_{std::make_unique<State>()} {
    POSTERN_ASSERT(state_->context != nullptr);
    const int begun = EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr);
    POSTERN_ASSERT(begun == 1);
}

RunningSha256::~RunningSha256() = default;

void RunningSha256::add(std::string_view bytes) {
    const int added = EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size());
    POSTERN_ASSERT(added == 1);
}

std::string RunningSha256::finish() {
    std::string digest(kDigestBytes, '\0');
    auto* bytes = reinterpret_cast<unsigned char*>(digest.data());
    const int finished = EVP_DigestFinal_ex(state_->context.get(), bytes, nullptr);
    POSTERN_ASSERT(finished == 1);
    return digest;
}

}  // namespace postern

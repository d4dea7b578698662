#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace postern {

// SHA-256 of something that is too large to be held at once: told piece by piece, asked once.
class RunningSha256 {
 public:
    RunningSha256();
    ~RunningSha256();
    RunningSha256(const RunningSha256&) = delete;
    RunningSha256& operator=(const RunningSha256&) = delete;

    void add(std::string_view bytes);
    std::string finish();  // 32 bytes

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace postern

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::payments {

// A QR code (ISO/IEC 18004) of bytes with error correction level M, small enough for a screen.
class QrCode {
 public:
    // nullopt: more text than the largest size here holds, which is 412 bytes.
    static std::optional<QrCode> of(std::string_view text);

    struct Spot {
        int x = 0;
        int y = 0;
    };
    enum class Shade { light, dark };
    int size() const { return size_; }  // modules a side
    bool is_dark(Spot spot) const { return dark_[index(spot)]; }

    // One path on a white ground, with the quiet zone that scanners need.
    std::string to_svg() const;

 private:
    explicit QrCode(int version);

    std::size_t index(Spot spot) const { return static_cast<std::size_t>(spot.y * size_ + spot.x); }
    void draw(Spot spot, Shade shade);  // of the patterns: masks leave it alone
    void draw_patterns();
    void draw_finder(Spot centre);
    void draw_alignment(Spot centre);
    void draw_version();
    void draw_format(int mask);
    void draw_data(const std::vector<unsigned char>& codewords);
    void apply_mask(int mask);
    void choose_mask();
    int penalty() const;
    int run_penalty() const;
    int block_penalty() const;
    int balance_penalty() const;

    int version_;
    int size_;
    std::vector<bool> dark_;
    std::vector<bool> fixed_;
};

}  // namespace postern::payments

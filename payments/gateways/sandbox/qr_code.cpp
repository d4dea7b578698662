#include "payments/gateways/sandbox/qr_code.hpp"

#include "core/assert.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

namespace postern::payments {
namespace {

using Bytes = std::vector<unsigned char>;
using Spot = QrCode::Spot;
using Shade = QrCode::Shade;

constexpr int kVersionMax = 15;
constexpr int kQuietModules = 4;
// Of level M, by version: the correction codewords of each block, and how many blocks there are.
constexpr std::array<int, kVersionMax + 1> kCorrectionPerBlock =
    {0, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24};
constexpr std::array<int, kVersionMax + 1> kBlocks =
    {0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10};

Shade shade_of(bool dark) {
    return dark ? Shade::dark : Shade::light;
}

int alignments_a_side(int version) {
    return version == 1 ? 0 : version / 7 + 2;
}

// All modules but those of the patterns, the format and the version, in bytes.
int codewords_of(int version) {
    int modules = (16 * version + 128) * version + 64;
    if (version >= 2) {
        const int side = alignments_a_side(version);
        modules -= (25 * side - 10) * side - 55;
        if (version >= 7) modules -= 36;
    }
    return modules / 8;
}

int data_codewords_of(int version) {
    const auto row = static_cast<std::size_t>(version);
    return codewords_of(version) - kCorrectionPerBlock[row] * kBlocks[row];
}

int length_bits_of(int version) {
    return version < 10 ? 8 : 16;
}

std::vector<int> alignment_centres(int version) {
    const int side = alignments_a_side(version);
    if (side == 0) return {};
    const int step = (version * 4 + side * 2 + 1) / (side * 2 - 2) * 2;
    std::vector<int> centres(static_cast<std::size_t>(side), 6);
    int at = version * 4 + 10;
    for (std::size_t i = centres.size() - 1; i > 0; --i, at -= step) centres[i] = at;
    return centres;
}

struct Factors {
    unsigned a = 0;
    unsigned b = 0;
};
// In the field of 256 elements that QR codes use.
unsigned char times(Factors factors) {
    unsigned product = 0;
    for (int bit = 7; bit >= 0; --bit) {
        product = product << 1U ^ (product >> 7U) * 0x11DU;
        if ((factors.b >> static_cast<unsigned>(bit) & 1U) != 0) product ^= factors.a;
    }
    return static_cast<unsigned char>(product);
}

// The generator polynomial of that degree, without its leading one.
Bytes generator_of(std::size_t degree) {
    Bytes generator(degree, 0);
    generator.back() = 1;
    unsigned root = 1;
    for (std::size_t i = 0; i < degree; ++i) {
        for (std::size_t j = 0; j < degree; ++j) {
            generator[j] = times({generator[j], root});
            if (j + 1 < degree) generator[j] ^= generator[j + 1];
        }
        root = times({root, 2});
    }
    return generator;
}

Bytes correction_of(const Bytes& block, std::size_t count) {
    const Bytes generator = generator_of(count);
    Bytes remainder(count, 0);
    for (const unsigned char byte : block) {
        const unsigned factor = static_cast<unsigned>(byte ^ remainder.front());
        remainder.erase(remainder.begin());
        remainder.push_back(0);
        for (std::size_t i = 0; i < count; ++i) remainder[i] ^= times({generator[i], factor});
    }
    return remainder;
}

class BitWriter {
 public:
    struct Field {
        unsigned value = 0;
        int bits = 8;
    };
    void put(Field field) {
        for (int bit = field.bits - 1; bit >= 0; --bit) {
            if (count_ % 8 == 0) bytes_.push_back(0);
            const unsigned value = field.value >> static_cast<unsigned>(bit) & 1U;
            const auto shift = static_cast<unsigned>(7 - count_ % 8);
            bytes_.back() = static_cast<unsigned char>(bytes_.back() | value << shift);
            ++count_;
        }
    }
    int count() const { return count_; }
    Bytes take() { return std::move(bytes_); }

 private:
    Bytes bytes_;
    int count_ = 0;
};

Bytes data_of(std::string_view text, int version) {
    constexpr unsigned byte_mode = 0b0100;
    const int capacity = data_codewords_of(version) * 8;
    BitWriter bits;
    bits.put({byte_mode, 4});
    bits.put({static_cast<unsigned>(text.size()), length_bits_of(version)});
    for (const char c : text) bits.put({static_cast<unsigned char>(c), 8});
    bits.put({0, std::min(4, capacity - bits.count())});
    bits.put({0, (8 - bits.count() % 8) % 8});
    for (unsigned pad = 0xEC; bits.count() < capacity; pad ^= 0xEC ^ 0x11) bits.put({pad, 8});
    return bits.take();
}

// Blocks first one byte each in turn, then their corrections: a stain hurts each block a little.
Bytes interleaved(const Bytes& data, int version) {
    const auto row = static_cast<std::size_t>(version);
    const auto blocks = static_cast<std::size_t>(kBlocks[row]);
    const auto correction = static_cast<std::size_t>(kCorrectionPerBlock[row]);
    const std::size_t shorter = data.size() / blocks;
    const std::size_t long_ones = data.size() % blocks;
    std::vector<Bytes> parts;
    std::vector<Bytes> corrections;
    auto next = data.begin();
    for (std::size_t i = 0; i < blocks; ++i) {
        const std::size_t length = shorter + (i >= blocks - long_ones ? 1 : 0);
        parts.emplace_back(next, next + static_cast<std::ptrdiff_t>(length));
        corrections.push_back(correction_of(parts.back(), correction));
        next += static_cast<std::ptrdiff_t>(length);
    }
    Bytes result;
    for (std::size_t i = 0; i <= shorter; ++i) {
        for (const Bytes& part : parts) {
            if (i < part.size()) result.push_back(part[i]);
        }
    }
    for (std::size_t i = 0; i < correction; ++i) {
        for (const Bytes& part : corrections) result.push_back(part[i]);
    }
    return result;
}

bool is_masked(Spot spot, int mask) {
    const int x = spot.x;
    const int y = spot.y;
    switch (mask) {
        case 0: return (x + y) % 2 == 0;
        case 1: return y % 2 == 0;
        case 2: return x % 3 == 0;
        case 3: return (x + y) % 3 == 0;
        case 4: return (x / 3 + y / 2) % 2 == 0;
        case 5: return x * y % 2 + x * y % 3 == 0;
        case 6: return (x * y % 2 + x * y % 3) % 2 == 0;
        default: return ((x + y) % 2 + x * y % 3) % 2 == 0;
    }
}

}  // namespace

QrCode::QrCode(int version)
    : version_{version},
      size_{version * 4 + 17},
      dark_(static_cast<std::size_t>(size_ * size_), false),
      fixed_(static_cast<std::size_t>(size_ * size_), false) {}

std::optional<QrCode> QrCode::of(std::string_view text) {
    for (int version = 1; version <= kVersionMax; ++version) {
        const int bits = 4 + length_bits_of(version) + 8 * static_cast<int>(text.size());
        if (bits > data_codewords_of(version) * 8) continue;
        QrCode code{version};
        code.draw_patterns();
        code.draw_data(interleaved(data_of(text, version), version));
        code.choose_mask();
        return code;
    }
    return std::nullopt;
}

void QrCode::draw(Spot spot, Shade shade) {
    dark_[index(spot)] = shade == Shade::dark;
    fixed_[index(spot)] = true;
}

void QrCode::draw_patterns() {
    for (int i = 0; i < size_; ++i) {
        draw({6, i}, shade_of(i % 2 == 0));
        draw({i, 6}, shade_of(i % 2 == 0));
    }
    for (const Spot centre : {Spot{3, 3}, Spot{size_ - 4, 3}, Spot{3, size_ - 4}}) {
        draw_finder(centre);
    }
    const auto centres = alignment_centres(version_);
    for (const int x : centres) {
        for (const int y : centres) {
            const bool at_finder = (x == 6 && y == 6) || (x == 6 && y == centres.back())
                                   || (x == centres.back() && y == 6);
            if (!at_finder) draw_alignment({x, y});
        }
    }
    draw_format(0);  // keeps its place until the mask is known
    draw_version();
}

void QrCode::draw_finder(Spot centre) {
    for (int dy = -4; dy <= 4; ++dy) {
        for (int dx = -4; dx <= 4; ++dx) {
            const Spot spot{centre.x + dx, centre.y + dy};
            if (spot.x < 0 || spot.x >= size_ || spot.y < 0 || spot.y >= size_) continue;
            const int ring = std::max(std::abs(dx), std::abs(dy));
            draw(spot, shade_of(ring != 2 && ring != 4));
        }
    }
}

void QrCode::draw_alignment(Spot centre) {
    for (int dy = -2; dy <= 2; ++dy) {
        for (int dx = -2; dx <= 2; ++dx) {
            const int ring = std::max(std::abs(dx), std::abs(dy));
            draw({centre.x + dx, centre.y + dy}, shade_of(ring != 1));
        }
    }
}

void QrCode::draw_version() {
    if (version_ < 7) return;
    auto remainder = static_cast<unsigned>(version_);
    for (int i = 0; i < 12; ++i) remainder = remainder << 1U ^ (remainder >> 11U) * 0x1F25U;
    const unsigned bits = static_cast<unsigned>(version_) << 12U | remainder;
    for (int i = 0; i < 18; ++i) {
        const Shade dark = shade_of((bits >> static_cast<unsigned>(i) & 1U) != 0);
        draw({size_ - 11 + i % 3, i / 3}, dark);
        draw({i / 3, size_ - 11 + i % 3}, dark);
    }
}

void QrCode::draw_format(int mask) {
    constexpr unsigned level_m = 0;
    const unsigned data = level_m << 3U | static_cast<unsigned>(mask);
    unsigned remainder = data;
    for (int i = 0; i < 10; ++i) remainder = remainder << 1U ^ (remainder >> 9U) * 0x537U;
    const unsigned bits = (data << 10U | remainder) ^ 0x5412U;
    const auto bit = [bits](int i) {
        return shade_of((bits >> static_cast<unsigned>(i) & 1U) != 0);
    };
    for (int i = 0; i <= 5; ++i) draw({8, i}, bit(i));
    draw({8, 7}, bit(6));
    draw({8, 8}, bit(7));
    draw({7, 8}, bit(8));
    for (int i = 9; i < 15; ++i) draw({14 - i, 8}, bit(i));
    for (int i = 0; i < 8; ++i) draw({size_ - 1 - i, 8}, bit(i));
    for (int i = 8; i < 15; ++i) draw({8, size_ - 15 + i}, bit(i));
    draw({8, size_ - 8}, Shade::dark);
}

// In columns of two, from the right, up and down in turn.
void QrCode::draw_data(const std::vector<unsigned char>& codewords) {
    std::size_t next = 0;
    for (int right = size_ - 1; right >= 1; right -= 2) {
        if (right == 6) right = 5;
        for (int step = 0; step < size_; ++step) {
            for (int j = 0; j < 2; ++j) {
                const bool upward = ((right + 1) & 2) == 0;
                const Spot spot{right - j, upward ? size_ - 1 - step : step};
                if (fixed_[index(spot)] || next >= codewords.size() * 8) continue;
                const unsigned byte = codewords[next / 8];
                dark_[index(spot)] = (byte >> (7 - next % 8) & 1U) != 0;
                ++next;
            }
        }
    }
    POSTERN_ASSERT(next == codewords.size() * 8);
}

void QrCode::apply_mask(int mask) {
    for (int y = 0; y < size_; ++y) {
        for (int x = 0; x < size_; ++x) {
            const std::size_t at = index({x, y});
            if (!fixed_[at] && is_masked({x, y}, mask)) dark_[at] = !dark_[at];
        }
    }
}

void QrCode::choose_mask() {
    int best = 0;
    std::optional<int> least;
    for (int mask = 0; mask < 8; ++mask) {
        apply_mask(mask);
        draw_format(mask);
        const int cost = penalty();
        if (!least || cost < *least) {
            least = cost;
            best = mask;
        }
        apply_mask(mask);  // takes it away again
    }
    apply_mask(best);
    draw_format(best);
}

int QrCode::penalty() const {
    return run_penalty() + block_penalty() + balance_penalty();
}

int QrCode::run_penalty() const {
    int cost = 0;
    for (int line = 0; line < size_; ++line) {
        int row_run = 0;
        int column_run = 0;
        for (int i = 0; i < size_; ++i) {
            const bool same_row = i > 0 && is_dark({i, line}) == is_dark({i - 1, line});
            const bool same_column = i > 0 && is_dark({line, i}) == is_dark({line, i - 1});
            row_run = same_row ? row_run + 1 : 1;
            column_run = same_column ? column_run + 1 : 1;
            for (const int run : {row_run, column_run}) {
                if (run == 5) cost += 3;
                if (run > 5) cost += 1;
            }
        }
    }
    return cost;
}

int QrCode::block_penalty() const {
    int cost = 0;
    for (int y = 0; y + 1 < size_; ++y) {
        for (int x = 0; x + 1 < size_; ++x) {
            const bool dark = is_dark({x, y});
            const bool block = dark == is_dark({x + 1, y}) && dark == is_dark({x, y + 1})
                               && dark == is_dark({x + 1, y + 1});
            if (block) cost += 3;
        }
    }
    return cost;
}

int QrCode::balance_penalty() const {
    const auto total = static_cast<int>(dark_.size());
    const auto dark = static_cast<int>(std::count(dark_.begin(), dark_.end(), true));
    return std::abs(dark * 20 - total * 10) / total * 10;
}

std::string QrCode::to_svg() const {
    const std::string side = std::to_string(size_ + 2 * kQuietModules);
    std::string svg = R"(<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 )";
    svg += side + ' ' + side + R"(" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h)";
    svg += side + 'v' + side + "H0z\"/><path d=\"";
    for (int y = 0; y < size_; ++y) {
        for (int x = 0; x < size_; ++x) {
            if (!is_dark({x, y})) continue;
            svg += 'M' + std::to_string(x + kQuietModules);
            svg += ' ' + std::to_string(y + kQuietModules) + "h1v1h-1z";
        }
    }
    svg += "\"/></svg>";
    return svg;
}

}  // namespace postern::payments

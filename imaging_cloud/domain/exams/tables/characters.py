"""Which characters are read as which: accents dropped, traditional and Japanese forms simplified.

Source: Unicode decompositions (Latin letters); the simplified forms of GB 18030 and the Japanese
joyo forms of the characters that stand in exam names. Version 2025.1.
"""

import unicodedata

# Pairs: the form met, then the form the vocabulary is written in.
_HAN = """
頭头 顱颅 腦脑 頸颈 頚颈 頷颔 頜颌 頰颊 頂顶 顳颞 額额 顏颜 顔颜 臉脸 齒齿 歯齿 齦龈 顎颚 髮发 發发
胸胸 腹腹 臟脏 臓脏 肺肺 膽胆 胆胆 腎肾 脾脾 脹胀 腸肠 膓肠 闌阑 肛肛 陰阴 囊囊 卵卵 宮宫 內内
內内 産产 產产 婦妇 嬰婴 兒儿 児儿 乳乳 鉬钼 靶靶 脊脊 椎椎 腰腰 薦荐 骶骶 骨骨 盤盘 盆盆 關关 関关 節节
膝膝 腳脚 踝踝 趾趾 髖髋 髂髂 脛胫 脛胫 蹠跖 橈桡 撓桡 鎖锁 鎻锁 肩肩 臂臂 肘肘 腕腕 側侧 雙双 両双 兩两
左左 右右 單单 単单 純纯 電电 斷断 断断 層层 層层 攝摄 撮摄 掃扫 描描 磁磁 振振 鳴鸣 檢检 検检 查查
強强 増增 增增 顯显 顕显 劑剂 剤剂 對对 対对 無无 對对 與与 與与 従从 從从 動动 靜静 静静 脈脉 脉脉 脈脉
冠冠 狀状 狀状 狀状 態态 態态 態态 態态 縱纵 縦纵 橫横 橫横 體体 軟软 軟软 組组 織织 織织 線线 綫线 片片
鋇钡 餐餐 嚥咽 嚥咽 喉喉 氣气 気气 管管 導导 導导 穿穿 刺刺 檢检 療疗 療疗 腫肿 腫肿 瘤瘤 癌癌 節节
測测 測测 試试 試试 驗验 験验 複复 復复 復复 診诊 診诊 斷断 斷断 圖图 図图 像像 畫画 畵画 畫画 視视 覚觉
鏡镜 鏡镜 處处 処处 術术 術术 後后 後后 前前 經经 経经 絡络 網网 膜膜 聲声 聲声 声声 擴扩 拡扩 張张 狹狭
彈弹 弾弹 鬆松 鬆松 質质 質质 質质 積积 積积 標标 標标 準准 準准 點点 點点 點点 滿满 満满 幹干 軀躯 軀躯
負负 負负 荷荷 應应 応应 應应 壓压 圧压 壓压 彎弯 彎弯 灣湾 屈屈 過过 過过 雲云 際际 會会 會会 議议
計计 計计 數数 數数 數数 碼码 碼码 臺台 臺台 台台 床床 邊边 邊边 邊边 區区 區区 島岛 喚唤 選选 選选
淺浅 淺浅 淋淋 巴巴 結结 結结 結结 纖纤 繊纤 維维 維维 續续 續续 補补 門门 門门 閉闭 間间 間间 關关
髓髓 軸轴 軸轴 軸轴 輸输 輸输 輸输 尿尿 輪轮 週周 週周 畢毕 舉举 齡龄 齢龄 齡龄 歲岁 歳岁 產产
銀银 鈣钙 鈣钙 鉀钾 碘碘 腺腺 瞳瞳 眶眶 竇窦 竇窦 鼻鼻 聽听 聴听 聽听 聾聋 蝸蜗 乳乳 迷迷 鞍鞍 環环
環环 樞枢 樞枢 齒齿 腮腮 涎涎 頦颏 顴颧 顴颧 頷颔 殘残 餘余 疊叠 蓋盖 貫贯 貧贫 費费 資资 賁贲 贅赘
癱瘫 癲癫 癇痫 癇痫 癆痨 竈灶 燈灯 營营 鞏巩 韌韧 韌韧 帶带 帯带 腱腱 滑滑 液液 橋桥 橋桥 葉叶 葉叶
雙双 隻只 別别 別别 別别 細细 細细 項项 項项 預预 領领 類类 風风 飛飞 飲饮 養养 駝驼 體体 髕髌 髕髌
髁髁 壹一 貳二 叁三 參参 參参 雜杂 難难 離离 離离 離离 靈灵 灶灶 劃划 創创 剝剥 勞劳 勢势 勵励 匯汇
協协 國国 国国 圍围 團团 執执 場场 塊块 壞坏 聯联 聯联 聯联 聯联 膚肤 膠胶 膿脓 臍脐 臨临 臨临 舊旧
術术 衛卫 裝装 裏里 褲裤 覽览 觀观 觸触 訊讯 註注 註注 評评 該该 認认 說说 調调 護护 讀读 變变 變变
胪颅 徑径 迴回 遠远 適适 遲迟 遲迟 遙遥 醫医 醫医 釋释 釘钉 針针 鈎钩 鉤钩 鋼钢 錄录 錯错 鍵键 鑷镊
"""

_LATIN = {"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d"}


def _without_accents() -> dict[int, str]:
    """Latin letters with accents, U+00C0 to U+024F, read as their base letter."""
    table: dict[int, str] = {}
    for code in range(0xC0, 0x250):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii():
            table[code] = base.lower()
    return table


FOLD: dict[int, str] = {
    0x5F: " ",  # an underscore stands where a space may not
    **_without_accents(),
    **{ord(letter): plain for letter, plain in _LATIN.items()},
    **{ord(pair[0]): pair[1] for pair in _HAN.split() if pair[0] != pair[1]},
}
